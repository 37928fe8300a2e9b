package dev.penstock.vhost;

import dev.penstock.linux.Fd;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.Mapping;
import java.lang.foreign.MemorySegment;

/**
 * A part of a peer's file, mapped. The file may be cut afterwards; an access then raises {@link InternalError}.
 *
 * @param mapping of the part
 */
record FilePart(Mapping mapping) implements AutoCloseable {
    /**
     * Maps a part of a file that must be long enough.
     *
     * @param fd the file, which stays the caller's
     * @param offset checked by the caller: neither negative nor so large that the sum overflows
     * @param bytes the same, and not 0
     */
    static FilePart map(Fd fd, long offset, long bytes) {
        try {
            if (fd.isRemote()) {
                throw new VhostException(Refusal.FILE_MAP, "a file whose pages another process or machine gives; memory is in a memfd, tmpfs or "
                        + "hugetlbfs");
            }
            long size = fd.sizeBytes();
            if (size < offset + bytes) {
                throw new VhostException(Refusal.FILE_SHORT, "a file of " + size + " bytes is said to hold " + bytes + " at "
                        + offset);
            }
            return new FilePart(Mapping.part(fd, offset, bytes));
        } catch (LinuxException e) {
            throw new VhostException(Refusal.FILE_MAP, "a file can't be mapped: " + e.getMessage());
        }
    }

    MemorySegment memory() {
        return mapping.segment();
    }

    @Override
    public void close() {
        mapping.close();
    }
}
