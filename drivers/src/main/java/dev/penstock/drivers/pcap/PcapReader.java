package dev.penstock.drivers.pcap;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * Reads a capture file packet by packet: pcap or pcapng, micro- or nanoseconds, either byte order, found
 * out by itself.
 *
 * <pre>{@code
 * try (PcapReader reader = PcapReader.open(path)) {
 *     while (reader.next()) {
 *         use(reader.data(), reader.dataOffset(), reader.capturedLength());
 *     }
 * }
 * }</pre>
 *
 * <p>{@link #next} allocates nothing. Used by one thread at a time.
 */
public abstract sealed class PcapReader implements AutoCloseable permits ClassicReader, PcapngReader {
    /** Link type of Ethernet frames (LINKTYPE_ETHERNET). */
    public static final int ETHERNET = PcapFormat.ETHERNET;

    final ByteSource in;
    int linkType = -1;
    int capturedLength;
    int originalLength;
    int dataOffset;
    long timestampNs;
    private boolean begun;
    private boolean ended;

    PcapReader(ByteSource in) {
        this.in = in;
    }

    /**
     * Opens a file.
     *
     * @param file the file, or a pipe
     * @return the reader, before the first packet
     * @throws PcapException when it is no capture file
     * @throws IOException when it can't be opened or read
     */
    public static PcapReader open(Path file) throws IOException {
        ByteSource in = ByteSource.open(file);
        try {
            return of(in);
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    /**
     * Reads a capture that is in memory.
     *
     * @param bytes the whole capture
     * @return the reader, before the first packet
     * @throws PcapException when it is none
     * @throws IOException never
     */
    public static PcapReader of(byte[] bytes) throws IOException {
        return of(ByteSource.of(bytes));
    }

    private static PcapReader of(ByteSource in) throws IOException {
        if (!in.fill(4)) {
            throw in.damage("the file is empty or too short for a capture; give a pcap or pcapng file");
        }
        PcapReader reader = switch (in.getInt(0)) {
            case PcapFormat.SECTION_HEADER -> new PcapngReader(in);
            case PcapFormat.MAGIC_MICROS, PcapFormat.MAGIC_NANOS, PcapFormat.MAGIC_MODIFIED -> new ClassicReader(in, false);
            default -> switch (Integer.reverseBytes(in.getInt(0))) {
                case PcapFormat.MAGIC_MICROS, PcapFormat.MAGIC_NANOS, PcapFormat.MAGIC_MODIFIED -> new ClassicReader(in, true);
                default -> throw in.damage(unknown(in));
            };
        };
        reader.start();
        return reader;
    }

    private static String unknown(ByteSource in) {
        if (in.getShort(0) == 0x8b1f) {
            return "the file is compressed; unpack it with gunzip first";
        }
        if (in.getInt(0) == 0xfd2fb528) {
            return "the file is compressed; unpack it with zstd -d first";
        }
        return String.format("not a capture file, it begins with %08x; give a pcap or pcapng file",
                Integer.reverseBytes(in.getInt(0)));
    }

    /**
     * Goes to the next packet.
     *
     * @return false at the end of the file
     * @throws PcapException when the rest of the file is damaged; from then on there are no more packets
     * @throws IOException when the file can't be read
     */
    public final boolean next() throws IOException {
        if (ended) {
            return false;
        }
        begun = true;
        boolean found = false;
        try {
            found = advance();
        } finally {
            ended = !found;
        }
        return found;
    }

    /**
     * Goes back to the start of the file, if it has left it.
     *
     * @throws IOException when it can't, as with a pipe
     */
    public final void rewind() throws IOException {
        if (!begun) {
            return;
        }
        in.rewind();
        start();
        begun = false;
        ended = false;
    }

    /** Reads what stands before the first packet. */
    abstract void start() throws IOException;

    /** Finds the next packet; false at the end of the file. */
    abstract boolean advance() throws IOException;

    final void checkLength(int captured) throws PcapException {
        if (Integer.compareUnsigned(captured, PcapFormat.MAX_CAPTURED) > 0) {
            throw in.damage("a packet says that it has " + Integer.toUnsignedString(captured) + " bytes, the limit is "
                    + PcapFormat.MAX_CAPTURED + "; the file is damaged from here on");
        }
    }

    final PcapException cut(String what) {
        return in.damage("the file ends within " + what + "; it was cut short, keep what stands before");
    }

    /** @return what the bytes are, as LINKTYPE number; {@link #ETHERNET} is 1; -1 before it is known */
    public final int linkType() {
        return linkType;
    }

    /** @return memory that holds the packet's bytes until the next call; may be another one then */
    public final MemorySegment data() {
        return in.window();
    }

    /** @return where the packet's bytes start in {@link #data()} */
    public final long dataOffset() {
        return dataOffset;
    }

    /** @return how many bytes of the packet the file holds, 0 to 262144 */
    public final int capturedLength() {
        return capturedLength;
    }

    /** @return how many bytes the packet had on the wire */
    public final int originalLength() {
        return originalLength;
    }

    /** @return when it was captured, in nanoseconds since 1970; 0 when the file does not say */
    public final long timestampNs() {
        return timestampNs;
    }

    @Override
    public final void close() throws IOException {
        ended = true;
        in.close();
    }
}
