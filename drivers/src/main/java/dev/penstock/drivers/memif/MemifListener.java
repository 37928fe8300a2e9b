package dev.penstock.drivers.memif;

import dev.penstock.eal.Log;
import dev.penstock.linux.Epoll;
import dev.penstock.linux.EventFd;
import dev.penstock.linux.LocalListener;
import dev.penstock.linux.Socket;
import dev.penstock.linux.Unfinished;
import dev.penstock.threads.Uninterrupted;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A listening socket with its thread, shared by the server ports that name it. */
final class MemifListener implements AutoCloseable {
    private static final Map<String, MemifListener> OPEN = new HashMap<>();
    /** Connections that have not said yet which port they want, at most. */
    private static final int MAX_STRANGERS = 64;
    private static final int CHECK_MS = 200;
    private static final int BACKLOG = 16;

    private final String address;
    private final MemifLog log;
    private final LocalListener listener;
    private final EventFd wake;
    private final Epoll epoll;
    private final Thread thread;
    private final List<MemifDevice> devices = new ArrayList<>();
    private final List<MemifServerSession> sessions = new ArrayList<>();
    /** What clients were refused for, each said once; only so many, since clients choose the words. */
    private final Set<String> refusals = new HashSet<>();
    private int users;
    /** How many clients were taken; numbers a session, as its descriptor's number may be another one's within one wait. */
    private long clients;
    private volatile boolean ended;

    private MemifListener(String address, Log.Type log) {
        this.address = address;
        this.log = new MemifLog(log, "memif " + address);
        try (Unfinished made = new Unfinished()) {
            wake = made.with(new EventFd());
            epoll = made.with(new Epoll(32));
            epoll.add(wake.fd(), Epoll.EPOLLIN, -2);
            listener = made.with(LocalListener.open(address, Socket.SOCK_SEQPACKET | Socket.SOCK_NONBLOCK, BACKLOG));
            epoll.add(listener.socket().fd(), Epoll.EPOLLIN, -1);
            thread = Thread.ofPlatform().daemon().name("penstock-memif" + address).start(this::run);
            made.finished();
        }
    }

    static synchronized MemifListener of(String address, Log.Type log) {
        MemifListener listener = OPEN.get(address);
        if (listener == null) {
            listener = new MemifListener(address, log);
            OPEN.put(address, listener);
        }
        listener.users++;
        return listener;
    }

    private void refused(String what) {
        if (refusals.size() < MAX_STRANGERS && refusals.add(what)) {
            log.warning("a client is refused: " + what);
        }
    }

    /** A port may be connected to from now on. */
    void add(MemifDevice device) {
        synchronized (devices) {
            boolean taken = devices.stream().anyMatch(d -> d.arguments().id() == device.arguments().id());
            if (taken) {
                throw new IllegalArgumentException(device.arguments().name() + ": id=" + device.arguments().id()
                        + " on this socket is another port's; give each server port an id of its own");
            }
            devices.add(device);
        }
    }

    /** A port takes no peer any more; one that it has is disconnected when this returns. */
    void remove(MemifDevice device) {
        synchronized (devices) {
            devices.remove(device);
        }
        wake.signal();
        synchronized (sessions) {
            sessions.stream().filter(s -> s.device == device).toList().forEach(s -> end(s, "Device closed"));
        }
    }

    private void run() {
        while (!ended) {
            int n = epoll.await(CHECK_MS);
            synchronized (sessions) {
                for (int i = 0; i < n; i++) {
                    serve(epoll.data(i));
                }
                sessions.stream().filter(s -> s.device != null && s.device.lost()).toList()
                        .forEach(s -> {
                            s.device.memoryLost++;
                            end(s, "Shared memory lost");
                        });
            }
        }
        synchronized (sessions) {
            List.copyOf(sessions).forEach(s -> end(s, "Device closed"));
        }
    }

    private void serve(long data) {
        if (data == -1) {
            accept();
        } else if (data == -2) {
            wake.take();
        } else {
            MemifServerSession session = sessions.stream().filter(s -> s.number == data).findFirst().orElse(null);
            if (session != null && !session.receive()) {
                end(session, null);
            }
        }
    }

    private void accept() {
        Socket peer = listener.socket().accept(log::warning);
        if (peer == null) {
            return;
        }
        List<MemifServerSession> strangers = sessions.stream().filter(s -> s.device == null).toList();
        if (strangers.size() >= MAX_STRANGERS) {
            // the oldest, so that those who say nothing keep nobody out who does
            refused("more than " + MAX_STRANGERS + " wait without saying what they want");
            end(strangers.getFirst(), "Too many clients");
        }
        try {
            long number = ++clients;
            epoll.add(peer.fd(), Epoll.EPOLLIN, number);
            sessions.add(new MemifServerSession(peer, number, this::free, this::refused));
        } catch (RuntimeException e) {
            log.warning(e.getMessage());
            peer.close();
        }
    }

    private MemifDevice free(int id) {
        synchronized (devices) {
            return devices.stream().filter(d -> d.arguments().id() == id && sessions.stream().noneMatch(s -> s.device == d))
                    .findFirst().orElse(null);
        }
    }

    private void end(MemifServerSession session, String reason) {
        if (reason != null) {
            session.goodbye(reason);
        }
        sessions.remove(session);
        session.close();
    }

    @Override
    public void close() {
        synchronized (MemifListener.class) {
            if (--users > 0) {
                return;
            }
            OPEN.remove(address);
            ended = true;
            wake.signal();
            Uninterrupted.join(thread);
            epoll.close();
            wake.close();
            listener.close();
        }
    }
}
