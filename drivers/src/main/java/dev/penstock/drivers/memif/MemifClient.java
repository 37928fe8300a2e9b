package dev.penstock.drivers.memif;

import dev.penstock.linux.Epoll;
import dev.penstock.linux.EventFd;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.Sockaddr;
import dev.penstock.linux.Socket;
import dev.penstock.linux.Unfinished;
import dev.penstock.threads.Uninterrupted;

/** A client's control thread: connects, and again when the connection has ended, until it is closed. */
final class MemifClient implements AutoCloseable {
    private static final int RETRY_MS = 100;
    private static final int CONNECT_MS = 500;

    private final MemifDevice device;
    private final EventFd end;
    private final Epoll epoll;
    private final Thread thread;
    private volatile boolean ended;

    MemifClient(MemifDevice device) {
        this.device = device;
        try (Unfinished made = new Unfinished()) {
            end = made.with(new EventFd());
            epoll = made.with(new Epoll(2));
            epoll.add(end.fd(), Epoll.EPOLLIN, 0);
            thread = Thread.ofPlatform().daemon().name("penstock-" + device.arguments().name()).start(this::run);
            made.finished();
        }
    }

    private void run() {
        while (!ended) {
            try (Socket socket = Socket.open(Socket.AF_UNIX, Socket.SOCK_SEQPACKET, 0)) {
                // a server that takes nobody up has a full queue after a few, and who stops the port would wait with us
                socket.timeoutMs(CONNECT_MS);
                socket.connect(Sockaddr.unix(device.arguments().address()));
                converse(socket);
            } catch (LinuxException e) {
                device.log().debug(device.arguments().name() + ": " + e.getMessage());
            } catch (RuntimeException e) {
                device.peers().warning(e + "; trying again");
            }
            if (!ended) {
                epoll.await(RETRY_MS);
            }
        }
    }

    private void converse(Socket socket) {
        epoll.add(socket.fd(), Epoll.EPOLLIN, 1);
        try (MemifClientSession session = new MemifClientSession(socket, device)) {
            boolean open = true;
            while (open && !ended) {
                int n = epoll.await(RETRY_MS);
                for (int i = 0; i < n && open && !ended; i++) {
                    open = epoll.data(i) != 1 || session.receive();
                }
                if (open && device.lost()) {
                    device.memoryLost++;
                    session.goodbye("Shared memory lost");
                    open = false;
                }
            }
            if (open) {
                session.goodbye("Device closed");
            }
            epoll.remove(socket.fd());
        }
    }

    @Override
    public void close() {
        ended = true;
        end.signal();
        Uninterrupted.join(thread);
        epoll.close();
        end.close();
    }
}
