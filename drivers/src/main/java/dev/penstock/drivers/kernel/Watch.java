package dev.penstock.drivers.kernel;

import dev.penstock.linux.Epoll;
import dev.penstock.linux.Fd;

/** A descriptor to sleep on that stays the same when the socket behind it becomes another one. Any thread may use it. */
public final class Watch implements AutoCloseable {
    private Epoll epoll;
    private Fd watched;

    /** Watches nothing, and has no descriptor before {@link #fd} is called. */
    public Watch() {}

    /**
     * Watches another socket; that before ends to be watched when it is closed.
     *
     * @param socket readable when there is something to receive
     */
    public synchronized void on(Fd socket) {
        watched = socket;
        if (epoll != null) {
            epoll.add(socket, Epoll.EPOLLIN, 0);
        }
    }

    /** Watches nothing again: before what is watched is closed, when somebody else has it too, who would go on to wake sleepers. */
    public synchronized void off() {
        if (epoll != null && watched != null) {
            epoll.remove(watched);
        }
        watched = null;
    }

    /** @return readable when the socket is */
    public synchronized Fd fd() {
        if (epoll == null) {
            epoll = new Epoll(1);
            if (watched != null && watched.value() >= 0) {
                epoll.add(watched, Epoll.EPOLLIN, 0);
            }
        }
        return epoll.fd();
    }

    @Override
    public synchronized void close() {
        if (epoll != null) {
            epoll.close();
            epoll = null;
        }
    }
}
