package dev.penstock.drivers.pcap;

import dev.penstock.ethdev.RxQueue;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.MbufPool;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Delivers a file's packets once, as fast as they are asked for; from the start again when it is started again, but for a pipe. */
final class FileRxQueue extends RxQueue {
    /** DPDK's name of the flag that a packet's timestamp is valid. */
    static final String TIMESTAMP_FLAG = "rte_dynflag_rx_timestamp";

    private final PcapReader reader;
    private final MbufPool pool;
    private final int port;
    private final long timestampFlag;
    private final Runnable atEnd;
    private final Mbuf[] one = new Mbuf[1];
    private boolean ended;
    private long damaged;
    private long notEthernet;

    FileRxQueue(PcapReader reader, MbufPool pool, int port, Runnable atEnd) {
        this.reader = reader;
        this.pool = pool;
        this.port = port;
        this.timestampFlag = pool.dynamicFields().registerFlag(TIMESTAMP_FLAG);
        this.atEnd = atEnd;
    }

    @Override
    protected int receive(Mbuf[] pkts, int max) {
        if (ended || max == 0) {
            return 0;
        }
        int ready = pool.allocBulk(pkts, 0, max) ? max : 0;
        int n = 0;
        while (n < max && advance()) {
            if (n == ready && !another(pkts, n)) {
                noMbuf++;
                break;
            }
            ready = Math.max(ready, n + 1);
            if (reader.linkType() != PcapFormat.ETHERNET) {
                notEthernet++;
                errors++;
            } else if (Chain.fill(pkts[n], reader, pool, one, port)) {
                pkts[n].timestamp(reader.timestampNs());
                pkts[n].olFlags(timestampFlag);
                bytes += reader.capturedLength();
                n++;
            } else {
                noMbuf++;
            }
        }
        Mbuf.freeBulk(pkts, n, ready - n);
        packets += n;
        return n;
    }

    private boolean another(Mbuf[] pkts, int n) {
        return pool.allocBulk(pkts, n, 1);
    }

    private boolean advance() {
        try {
            if (reader.next()) {
                return true;
            }
        } catch (IOException e) {
            damaged++;
            errors++;
        }
        ended = true;
        atEnd.run();
        return false;
    }

    @Override
    protected void start() {
        try {
            if (reader.in.canRewind()) {
                reader.rewind();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("can't go back to the start of the file: " + e.getMessage(), e);
        }
        ended = false;
    }

    /** Times that the rest of the file could not be read. */
    long damaged() {
        return damaged;
    }

    long notEthernet() {
        return notEthernet;
    }
}
