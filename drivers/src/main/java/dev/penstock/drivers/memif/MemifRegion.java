package dev.penstock.drivers.memif;

import dev.penstock.linux.Fd;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.Mapping;
import dev.penstock.linux.Memfd;
import java.lang.foreign.MemorySegment;

/**
 * A file of memory that both sides map.
 *
 * @param sealed whether nobody can cut the file short; an access behind its end would raise an error at some later moment
 */
record MemifRegion(Fd fd, Mapping mapping, boolean sealed) implements AutoCloseable {
    /** Most that a client may offer in one region. */
    private static final long MAX_BYTES = 1L << 36;

    /** Makes a region whose size can't shrink under the peer. */
    static MemifRegion create(String name, long bytes) {
        Fd fd = Memfd.create(name, bytes);
        try {
            Memfd.seal(fd, Memfd.F_SEAL_SHRINK);
            return new MemifRegion(fd, Mapping.shared(fd, 0, bytes), true);
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /**
     * Maps what a client offers.
     *
     * @param fd the client's file, owned by the region on success
     * @param bytes how large the client says it is
     * @throws MemifException when the file is smaller, or nobody could map it
     */
    static MemifRegion map(Fd fd, long bytes) {
        if (fd.isRemote()) {
            throw new MemifException("Invalid region fd", "a file whose pages another process or machine gives");
        }
        long file = fd.sizeBytes();
        if (bytes <= 0 || bytes > MAX_BYTES || bytes > file) {
            throw new MemifException("Invalid region size", "a region of " + Long.toUnsignedString(bytes) + " bytes in a file of "
                    + file);
        }
        boolean sealed = seal(fd);
        if (sealed && fd.sizeBytes() < bytes) {
            throw new MemifException("Invalid region size", "the file shrinks");
        }
        return new MemifRegion(fd, Mapping.part(fd, 0, bytes), sealed);
    }

    private static boolean seal(Fd fd) {
        try {
            Memfd.seal(fd, Memfd.F_SEAL_SHRINK);
            return true;
        } catch (LinuxException e) {
            return sealedBefore(fd);
        }
    }

    private static boolean sealedBefore(Fd fd) {
        try {
            return (Memfd.seals(fd) & Memfd.F_SEAL_SHRINK) != 0;
        } catch (LinuxException e) {
            return false;
        }
    }

    MemorySegment memory() {
        return mapping.segment();
    }

    @Override
    public void close() {
        mapping.close();
        fd.close();
    }
}
