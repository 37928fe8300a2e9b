package dev.penstock.vhost;

import dev.penstock.virtqueue.AddressSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the guest's IOMMU lets the device reach (vhost-user specification, "An IOTLB message"). Used by the control
 * thread, while no queue is polled.
 */
final class Iotlb {
    /** Bytes of a message: address, size, address in the front end, permission, type. */
    static final int MIN_BYTES = 26;
    static final int MISS = 1;
    static final int UPDATE = 2;
    static final int INVALIDATE = 3;
    static final int MAX_ENTRIES = 2048;
    static final int READ = 1;
    static final int WRITE = 2;

    private record Entry(long start, long bytes, long user, boolean writable) {
        long last() {
            return start + bytes - 1;
        }
    }

    private final TreeMap<Long, Entry> entries = new TreeMap<>(Long::compareUnsigned);

    /** Adds an entry; what it overlaps is forgotten. When full, all is: the queues ask again for what they need. */
    void update(long start, long bytes, long user, int permission) {
        if (bytes == 0 || Long.compareUnsigned(start + bytes - 1, start) < 0
                || Long.compareUnsigned(user + bytes - 1, user) < 0 || permission < READ || permission > (READ | WRITE)) {
            throw new VhostException(Refusal.IOTLB, "an IOTLB entry of 0x" + Long.toHexString(bytes) + " bytes at 0x"
                    + Long.toHexString(start) + " with permission " + permission);
        }
        invalidate(start, bytes);
        if (entries.size() == MAX_ENTRIES) {
            entries.clear();
        }
        entries.put(start, new Entry(start, bytes, user, (permission & WRITE) != 0));
    }

    /** Forgets entries that have an address in a range. */
    void invalidate(long start, long bytes) {
        long last = bytes == 0 || Long.compareUnsigned(start + bytes - 1, start) < 0 ? -1L : start + bytes - 1;
        Map.Entry<Long, Entry> below = entries.floorEntry(start);
        if (below != null && Long.compareUnsigned(below.getValue().last(), start) >= 0) {
            entries.remove(below.getKey());
        }
        entries.subMap(start, true, last, true).clear();
    }

    void clear() {
        entries.clear();
    }

    /** Addresses in a row whose memory lies in a row. */
    private record Run(long start, int range, long offset, long bytes, boolean writable) {
        boolean goesOn(Run next) {
            return start + bytes == next.start && range == next.range && offset + bytes == next.offset && writable == next.writable;
        }

        AddressSpace.Range in(AddressSpace user) {
            return new AddressSpace.Range(start, user.memory(range).asSlice(offset, bytes), writable);
        }
    }

    /** What the addresses stand for; entries whose memory is not shared stand for nothing. A ring may lie across several. */
    AddressSpace space(AddressSpace user) {
        List<AddressSpace.Range> ranges = new ArrayList<>();
        Run last = null;
        for (Entry e : entries.values()) {
            // an entry may span regions that touch, and parts that are not memory at all
            for (long done = 0; Long.compareUnsigned(done, e.bytes) < 0;) {
                int range = user.find(e.user + done);
                if (range < 0) {
                    break;
                }
                long room = user.room(range, e.user + done);
                long part = Long.compareUnsigned(room, e.bytes - done) < 0 ? room : e.bytes - done;
                Run next = new Run(e.start + done, range, user.offset(range, e.user + done), part, e.writable);
                if (last != null && last.goesOn(next)) {
                    last = new Run(last.start, last.range, last.offset, last.bytes + part, last.writable);
                } else {
                    if (last != null) {
                        ranges.add(last.in(user));
                    }
                    last = next;
                }
                done += part;
            }
        }
        if (last != null) {
            ranges.add(last.in(user));
        }
        return new AddressSpace(ranges, true);
    }

    /** Where an address lies in the front end, or -1. */
    long user(long address) {
        Map.Entry<Long, Entry> found = entries.floorEntry(address);
        return found == null || Long.compareUnsigned(found.getValue().last(), address) < 0 ? -1
                : found.getValue().user + (address - found.getValue().start);
    }
}
