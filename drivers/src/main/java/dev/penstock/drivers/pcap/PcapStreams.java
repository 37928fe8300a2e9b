package dev.penstock.drivers.pcap;

import dev.penstock.drivers.afpacket.PacketPair;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a port's packets come from and go to: files or interfaces, one a queue.
 *
 * @param readers files to receive from
 * @param writers files to send to
 * @param rxIfaces interfaces to receive from
 * @param txIfaces interfaces to send by
 * @param infinite whether files are received over and over
 * @param eof whether the link goes down at the end of the files
 */
record PcapStreams(List<PcapReader> readers, List<PcapWriter> writers, List<PacketPair> rxIfaces, List<PacketPair> txIfaces,
        boolean infinite, boolean eof) {
    PcapStreams(boolean infinite, boolean eof) {
        this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), infinite, eof);
    }

    /** Without counting the dummies of the other direction. */
    int rxQueues() {
        return readers.size() + rxIfaces.size();
    }

    /** Without counting the dummies of the other direction. */
    int txQueues() {
        return writers.size() + txIfaces.size();
    }

    /** All that is to be closed, each once. */
    List<AutoCloseable> all() {
        List<AutoCloseable> all = new ArrayList<>(readers);
        all.addAll(writers);
        all.addAll(rxIfaces);
        for (PacketPair pair : txIfaces) {
            if (!rxIfaces.contains(pair)) {
                all.add(pair);
            }
        }
        return all;
    }
}
