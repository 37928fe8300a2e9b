package dev.penstock.drivers.pcap;

import java.io.IOException;

/** A capture file that can't be read: says which file, at which byte, what is wrong and how to mend it. */
public final class PcapException extends IOException {
    private static final long serialVersionUID = 1;

    /** Where in the file, in bytes. */
    private final long offset;

    /**
     * Describes the damage.
     *
     * @param file the file's name
     * @param offset where in the file, in bytes
     * @param what what is wrong and how to mend it
     */
    public PcapException(String file, long offset, String what) {
        super(file + ", byte " + offset + ": " + what);
        this.offset = offset;
    }

    /** @return where in the file the damage is, in bytes */
    public long offset() {
        return offset;
    }
}
