package dev.penstock.mbuf;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Memory that is no pool's and that packets may show, with the count of those that do (DPDK:
 * rte_mbuf_ext_shared_info). When the last of them is freed or detached, the callback runs in the thread
 * that did so; then the buffer may be attached anew.
 */
public final class ExternalBuffer {
    private static final VarHandle REF_CNT;

    static {
        try {
            REF_CNT = MethodHandles.lookup().findVarHandle(ExternalBuffer.class, "refCnt", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final MemorySegment memory;
    private final Runnable onFree;
    private int refCnt;

    /**
     * A buffer that nobody shows yet.
     *
     * @param memory off-heap and writable; its owner keeps it alive until the callback has run
     * @param onFree runs each time that the last packet lets go of the buffer
     */
    public ExternalBuffer(MemorySegment memory, Runnable onFree) {
        if (!memory.isNative() || memory.isReadOnly()) {
            throw new IllegalArgumentException("an external buffer is writable off-heap memory, not " + memory
                    + "; take it from an Arena or a Memzone");
        }
        if (memory.byteSize() == 0 || memory.byteSize() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("an external buffer of " + memory.byteSize()
                    + " bytes; from 1 to 2147483647 can be shown");
        }
        this.memory = memory;
        this.onFree = onFree;
    }

    /** @return the memory */
    public MemorySegment memory() {
        return memory;
    }

    /** @return how many segments show it */
    public int refCnt() {
        return (int) REF_CNT.getAcquire(this);
    }

    long address() {
        if (!memory.scope().isAlive()) {
            throw new IllegalStateException("the memory of the external buffer " + memory + " is closed");
        }
        return memory.address();
    }

    int length() {
        return (int) memory.byteSize();
    }

    void retain() {
        REF_CNT.getAndAdd(this, 1);
    }

    void release() {
        if ((int) REF_CNT.getAndAdd(this, -1) == 1) {
            onFree.run();
        }
    }
}
