package dev.penstock.vhost;

/** Told what happens to a back end, in its control thread. */
public interface VhostListener {
    /**
     * The first pair of queues runs, or does not any more.
     *
     * @param up true when it runs
     */
    void linkChanged(boolean up);

    /**
     * A guest that has moved here is to be announced to its network (RARP).
     *
     * @param mac its address
     */
    void announce(long mac);

    /**
     * The guest's MTU.
     *
     * @param bytes what it is
     */
    void mtu(int bytes);

    /**
     * Something that its user should know.
     *
     * @param line in one line
     */
    void say(String line);
}
