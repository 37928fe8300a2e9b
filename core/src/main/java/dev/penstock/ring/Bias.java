package dev.penstock.ring;

import dev.penstock.linux.LinuxException;
import dev.penstock.linux.Membarrier;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Lets the first thread that uses a {@link HeadTail#MULTI} side have it for itself, without an atomic instruction, until a second
 * one comes; from then on the side is everybody's, by compare-and-set. So too both sides at once: a {@link Pile}.
 *
 * <p>The owner says up to where it is about to go (entered), then looks whether it still is the owner, and only then
 * touches slots; its tail comes up to what it entered when it is done. Who takes the side away first says so (owner), then
 * looks whether the owner is inside. Each writes one word and then reads the other's, which needs a barrier between on both
 * sides, or both could miss each other. The owner, who does it all the time, has a barrier for the compiler only;
 * the other one, who does it once, has the kernel make every running thread of the process pass a full barrier
 * (membarrier(2)). After it an owner that had seen itself as such has told that it is inside, and any later look finds
 * another owner: it goes back without having touched a slot, as late as it may wake up. So entered is not the head, which
 * such a one could set back.
 *
 * <p>Threads are told apart by their numbers, which the JVM gives once, so that a ring keeps no ended thread alive. Such a
 * one's side is taken away as any other's.
 */
final class Bias {
    /** Whether one thread may have a side for itself: where its takers could not make it pass a barrier, all sides are shared. */
    static final boolean USED = Boolean.parseBoolean(System.getProperty("penstock.ringBias", "true")) && Membarrier.isSupported();

    static final long SHARED = 0;
    static final long NOBODY = -1;
    private static final long CHANGING = -2;
    private static final VarHandle OWNER;
    private static final VarHandle ENTERED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            OWNER = lookup.findVarHandle(Owned.class, "owner", long.class);
            ENTERED = lookup.findVarHandle(Owned.class, "entered", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
        if (USED) {
            Thread.ofPlatform().daemon().name("penstock-membarrier").start(Bias::prepare);
        }
    }

    private Bias() {}

    /** Before the first side is taken: a packet would wait for the kernel then. A refusal is told to who takes a side. */
    private static void prepare() {
        try {
            Membarrier.prepare();
        } catch (LinuxException e) {
            // allThreads() will say so
        }
    }

    /** Whether the calling thread has the side for itself; {@link #enter} asks again. */
    static boolean isMine(Owned side) {
        return (long) OWNER.getOpaque(side) == Thread.currentThread().threadId();
    }

    static boolean isShared(Owned side) {
        return (long) OWNER.getAcquire(side) == SHARED;
    }

    /** Up to where the owner is, or was about to go. */
    static long entered(Owned side) {
        return (long) ENTERED.getAcquire(side);
    }

    /** Whether the owner, which the calling thread was a moment ago, may use the slots from a position (its tail) on. */
    static boolean enter(Owned side, long position, int n) {
        ENTERED.setOpaque(side, position + n);
        VarHandle.releaseFence();
        if (isMine(side)) {
            return true;
        }
        ENTERED.setRelease(side, position);
        return false;
    }

    /** The owner is out, wherever its tail is now: for one that did not go as far as it entered for. */
    static void leave(Owned side) {
        ENTERED.setRelease(side, side.tailPosition());
    }

    /** Lets the calling thread have a side that no other thread knows yet. */
    static void give(Owned side) {
        OWNER.setRelease(side, USED ? Thread.currentThread().threadId() : SHARED);
    }

    /** Lets the calling thread have a side whose owner, if it is another one, has ended or uses it no more; false when it has been taken. */
    static boolean inherit(Owned side) {
        long me = Thread.currentThread().threadId();
        long owner = (long) OWNER.getAcquire(side);
        return owner == me || owner > SHARED && OWNER.compareAndSet(side, owner, me);
    }

    /** Returns when the side is everybody's, which it may be the calling thread's before, if that is out. */
    static void open(Owned side) {
        int attempt = 0;
        for (long owner = (long) OWNER.getAcquire(side); owner != SHARED; owner = (long) OWNER.getAcquire(side)) {
            if (owner == CHANGING) {
                Backoff.pause(attempt++);
            } else {
                take(side, owner);
            }
        }
    }

    /** Returns when the side is the calling thread's (true) or everybody's (false). */
    static boolean settle(Owned side) {
        long me = Thread.currentThread().threadId();
        for (int attempt = 0;;) {
            long owner = (long) OWNER.getAcquire(side);
            if (owner == me || owner == SHARED) {
                return owner == me;
            }
            if (owner == CHANGING) {
                Backoff.pause(attempt++);
            } else if (owner != NOBODY) {
                take(side, owner);
            } else if (OWNER.compareAndSet(side, NOBODY, me)) {
                return true;
            }
        }
    }

    private static void take(Owned side, long owner) {
        if (!OWNER.compareAndSet(side, owner, CHANGING)) {
            return;
        }
        try {
            Membarrier.allThreads();
        } catch (RuntimeException e) {
            OWNER.setRelease(side, owner);
            throw e;
        }
        for (int attempt = 0; entered(side) != side.tailPosition(); attempt++) {
            Backoff.pause(attempt);
        }
        side.share();
        OWNER.setRelease(side, SHARED);
    }

    /** Lets the next thread have the side, which nobody uses now, if one thread may have it at all. */
    static void forget(Owned side, boolean mayBeOwned) {
        side.entered = side.tailPosition();
        OWNER.setRelease(side, USED && mayBeOwned ? NOBODY : SHARED);
    }
}
