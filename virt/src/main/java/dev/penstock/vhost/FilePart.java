package dev.penstock.vhost;

import dev.penstock.linux.Fd;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.Mapping;
import java.lang.foreign.MemorySegment;

/**
 * A part of a peer's file, mapped. The file may be cut afterwards; an access then raises {@link InternalError}.
 *
 * @param mapping what was mapped: whole blocks of the file
 * @param memory the part that is meant
 */
record FilePart(Mapping mapping, MemorySegment memory) implements AutoCloseable {
    private static final long PAGE = 4096;

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
            // whole blocks, so that also those of huge pages can be unmapped
            long block = Math.max(PAGE, Integer.highestOneBit(fd.blockBytes()));
            long before = offset % block;
            Mapping mapping = Mapping.shared(fd, offset - before, (before + bytes + block - 1) / block * block);
            return new FilePart(mapping, mapping.segment().asSlice(before, bytes));
        } catch (LinuxException e) {
            throw new VhostException(Refusal.FILE_MAP, "a file can't be mapped: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        mapping.close();
    }
}
