package dev.penstock.tables;

import dev.penstock.rcu.DeferQueue;
import dev.penstock.rcu.Qsbr;
import dev.penstock.rcu.Reclaim;
import java.util.Arrays;

/**
 * Which groups of 256 entries of a route table are free, how many long routes each of the others serves, and which
 * wait for readers; or the same of other numbered parts of it. For the table's writing thread.
 */
public final class Tbl8Groups {
    private final String owner;
    private final int[] free;
    private final int[] rules;
    private int freeCount;
    private Qsbr qsbr;
    private DeferQueue deferred;

    /**
     * All are free.
     *
     * @param owner the table's name, for errors
     * @param count how many
     */
    public Tbl8Groups(String owner, int count) {
        this.owner = owner;
        free = new int[count];
        rules = new int[count];
        freeCount = count;
        Arrays.setAll(free, i -> count - 1 - i);
    }

    /**
     * Names the readers.
     *
     * @param readers their variable
     * @param mode how to wait for them
     * @throws IllegalStateException when there is a variable already
     */
    public void rcu(Qsbr readers, Reclaim mode) {
        if (qsbr != null) {
            throw new IllegalStateException("this " + owner + " has an RCU variable already; it takes one");
        }
        qsbr = readers;
        if (mode == Reclaim.DEFER && free.length > 0) {
            deferred = new DeferQueue(readers, free.length, 32, 16, group -> free[freeCount++] = (int) group);
        }
    }

    /** @return groups that are not free, those that wait for readers among them */
    public int used() {
        return free.length - freeCount;
    }

    /**
     * Tells whether some are free, reclaiming if need be.
     *
     * @param wanted how many
     * @return whether there are as many
     */
    public boolean have(int wanted) {
        if (freeCount < wanted && deferred != null) {
            deferred.reclaim(Integer.MAX_VALUE);
        }
        return freeCount >= wanted;
    }

    /** @return what to throw when there are too few */
    public TableFullException full() {
        return new TableFullException("tbl8 groups of the " + owner, free.length, "make it with a greater tbl8Groups");
    }

    /** @return a group that was free; {@link #have} came before */
    public int take() {
        return free[--freeCount];
    }

    /**
     * Counts a route.
     *
     * @param group the group that serves it
     */
    public void addRule(int group) {
        rules[group]++;
    }

    /**
     * Uncounts a route.
     *
     * @param group the group that served it
     * @return routes it still serves
     */
    public int removeRule(int group) {
        return --rules[group];
    }

    /**
     * Frees a group that no look-up can reach any more, when its readers have left it.
     *
     * @param group the group
     */
    public void release(int group) {
        rules[group] = 0;
        if (deferred != null) {
            deferred.enqueue(group);
            return;
        }
        if (qsbr != null) {
            qsbr.synchronize(Qsbr.NO_READER);
        }
        free[freeCount++] = group;
    }
}
