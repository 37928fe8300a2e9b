package dev.penstock.linux;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What an object has opened while it is made: closed again, the last first, unless all of it could be made.
 *
 * <pre>{@code
 * try (Unfinished made = new Unfinished()) {
 *     end = made.with(new EventFd());
 *     epoll = made.with(new Epoll(2));
 *     epoll.add(end.fd(), Epoll.EPOLLIN, 0);
 *     made.finished();
 * }
 * }</pre>
 */
public final class Unfinished implements AutoCloseable {
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    /** Nothing yet. */
    public Unfinished() {}

    /**
     * One more.
     *
     * @param <T> its type
     * @param one what was opened
     * @return the same
     */
    public <T extends AutoCloseable> T with(T one) {
        opened.push(one);
        return one;
    }

    /** All is made, and is its owner's to close. */
    public void finished() {
        opened.clear();
    }

    /** Closes what was opened, all of it also when something of it can't be closed; that is thrown then. */
    @Override
    public void close() {
        IllegalStateException failed = null;
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                failed = failed == null ? new IllegalStateException("what was opened can't be closed: " + e.getMessage(), e) : failed;
            }
        }
        if (failed != null) {
            throw failed;
        }
    }
}
