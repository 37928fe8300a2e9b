package dev.penstock.ring;

import dev.penstock.eal.References;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** A stack that its owner alone uses, without an atomic instruction, until another thread takes it: see {@link Bias}. The owner writes two fields a call. */
abstract class OwnedStack<E> extends Owned {
    private static final VarHandle LENGTH;

    static {
        try {
            LENGTH = MethodHandles.lookup().findVarHandle(OwnedStack.class, "length", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** With {@link Ring#PAD} more at either end. */
    final E[] slots;
    final int capacity;
    /** How many the owner's stack holds. */
    int length;

    OwnedStack(E[] slots, int capacity) {
        this.slots = slots;
        this.capacity = capacity;
    }

    /** The owner's push. False when the call is not an ordinary one, there is no room, or the stack is the owner's no more; nothing is pushed then. */
    final boolean pushOwn(E[] from, int offset, int n) {
        E[] slots = this.slots;
        int top = length;
        if (n > 0 && n <= capacity - top && offset >= 0 && n <= from.length - offset && from.getClass() == slots.getClass()
                && Bias.enter(this, top, n)) {
            copy(from, offset, slots, Ring.PAD + top, n);
            leave(length + n);
            return true;
        }
        return false;
    }

    /** The owner's pop; otherwise as {@link #pushOwn}. */
    final boolean popOwn(E[] to, int offset, int n) {
        E[] slots = this.slots;
        int top = length;
        if (n > 0 && n <= top && offset >= 0 && n <= to.length - offset && to.getClass() == slots.getClass()
                && Bias.enter(this, top, -n)) {
            copy(slots, Ring.PAD + top - n, to, offset, n);
            leave(length - n);
            return true;
        }
        return false;
    }

    /** What the owner entered for is done. It reads the length anew behind a copy, since to keep it meanwhile would take longer. */
    final void leave(int after) {
        LENGTH.setRelease(this, after);
    }

    private static <E> void copy(E[] from, int first, E[] to, int index, int n) {
        if (n == 1) {
            to[index] = from[first];
        } else if (n == 4) {
            References.copyFour(from, first, to, index);
        } else if (n == 8) {
            References.copyEight(from, first, to, index);
        } else {
            System.arraycopy(from, first, to, index, n);
        }
    }

    @Override
    final long tailPosition() {
        return (int) LENGTH.getAcquire(this);
    }
}
