package dev.penstock.drivers.virtiouser;

import dev.penstock.eal.Log;
import dev.penstock.linux.Epoll;
import dev.penstock.linux.Errno;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.LocalListener;
import dev.penstock.linux.Sockaddr;
import dev.penstock.linux.Socket;
import dev.penstock.threads.Uninterrupted;
import dev.penstock.vhost.VhostException;
import java.util.function.Consumer;

/**
 * Keeps one connection to a peer over a local socket, as client or as server: makes it, notices its end, makes it again.
 * Has a thread of its own, in which it calls back; the first attempt of a client is made at once in the caller's.
 */
final class Connector implements AutoCloseable {
    private static final int POLL_MS = 100;
    private static final int CONNECT_MS = 500;

    private final String path;
    private final Log.Type log;
    private final LocalListener listener;
    private final Consumer<Socket> connected;
    private final Runnable disconnected;
    private final Thread thread = Thread.ofPlatform().daemon().name("virtio-user").unstarted(this::run);
    private Socket current;
    private String said = "";
    private volatile boolean closed;
    private volatile boolean dropped;
    private volatile long failures;

    Connector(String path, boolean server, Log.Type log, Consumer<Socket> connected, Runnable disconnected) {
        this.path = path;
        this.log = log;
        this.connected = connected;
        this.disconnected = disconnected;
        listener = server ? LocalListener.open(path, Socket.SOCK_STREAM | Socket.SOCK_NONBLOCK, 1) : null;
    }

    private static Socket tryConnect(String path, String[] why) {
        Socket socket = Socket.open(Socket.AF_UNIX, Socket.SOCK_STREAM, 0);
        try {
            // a back end that takes nobody up has a full queue after a few, and who closes the port would wait with us
            socket.timeoutMs(CONNECT_MS);
            socket.connect(Sockaddr.unix(path));
            return socket;
        } catch (LinuxException e) {
            socket.close();
            if (e.errno() != Errno.ECONNREFUSED && e.errno() != Errno.ENOENT && e.errno() != Errno.EAGAIN) {
                throw e;
            }
            why[0] = e.getMessage();
            return null;
        }
    }

    void start() {
        if (listener == null) {
            attempt();
        }
        thread.start();
    }

    /** Ends the connection soon, as if the peer had. */
    void drop() {
        dropped = true;
    }

    private void run() {
        while (!closed) {
            if (current == null) {
                if (listener != null) {
                    listener.socket().fd().poll(Epoll.EPOLLIN, POLL_MS);
                } else {
                    pause();
                }
                if (!closed) {
                    tryAgain();
                }
            } else if (dropped || current.fd().poll(Epoll.EPOLLRDHUP, POLL_MS) != 0) {
                dropped = false;
                current = null;
                part();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whatever goes wrong is told, and the next attempt is made all the same. */
    private void tryAgain() {
        try {
            attempt();
        } catch (RuntimeException e) {
            failures++;
            say(e.toString());
            pause();
        }
    }

    private void attempt() {
        String[] why = new String[1];
        Socket socket = listener != null ? listener.socket().accept() : tryConnect(path, why);
        if (socket == null) {
            say(why[0]);
            return;
        }
        try {
            connected.accept(socket);
            current = socket;
            said = "";
        } catch (RuntimeException e) {
            failures++;
            say(e instanceof VhostException || e instanceof LinuxException ? e.getMessage() : e.toString());
            part();
            socket.close();
        }
    }

    private void part() {
        try {
            disconnected.run();
        } catch (RuntimeException e) {
            failures++;
            say(e.toString());
        }
    }

    /** How often a peer was there and no use could be made of it. */
    long failures() {
        return failures;
    }

    /** Each new trouble once, not ten times a second. */
    private void say(String trouble) {
        if (trouble != null && !trouble.equals(said)) {
            said = trouble;
            log.warning(path + ": " + trouble + "; trying again");
        }
    }

    @Override
    public void close() {
        closed = true;
        Uninterrupted.join(thread);
        if (listener != null) {
            listener.close();
        }
    }
}
