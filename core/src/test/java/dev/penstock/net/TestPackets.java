package dev.penstock.net;

import dev.penstock.eal.Eal;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.lang.foreign.MemorySegment;

/** One packet that tests fill over and over. */
final class TestPackets implements AutoCloseable {
    private final Eal eal = Eal.start("--no-huge", "--in-memory");
    private final MbufPool pool = MbufPool.create(eal, "packets", 63, 0, 16_384, -1);
    private final Mbuf one = fresh();

    Mbuf fresh() {
        Mbuf[] m = new Mbuf[1];
        if (!pool.allocBulk(m, 0, 1)) {
            throw new IllegalStateException("the pool is empty");
        }
        return m[0];
    }

    /** The same packet each time, holding these bytes. */
    Mbuf of(byte[] bytes, int length) {
        one.received(length, 0);
        one.write(0, MemorySegment.ofArray(bytes), 0, length);
        return one;
    }

    Mbuf of(byte... bytes) {
        return of(bytes, bytes.length);
    }

    static byte[] bytes(Mbuf m) {
        byte[] bytes = new byte[m.dataLen()];
        m.read(0, MemorySegment.ofArray(bytes), 0, bytes.length);
        return bytes;
    }

    @Override
    public void close() {
        one.free();
        eal.close();
    }
}
