package dev.penstock.vhost;

import dev.penstock.virtqueue.AddressSpace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The regions that a front end shares. Used by the control thread, while no queue is polled. */
final class MemoryTable {
    /** Regions at most; as many as QEMU has slots for vhost-user by default. */
    static final int MAX_SLOTS = 32;

    private final List<MemoryRegion> regions = new ArrayList<>();
    /** How often regions were added again. */
    private final Map<MemoryRegion, Integer> more = new HashMap<>();
    private AddressSpace guest = AddressSpace.EMPTY;
    private AddressSpace user = AddressSpace.EMPTY;

    /** Memory by the guest's addresses. */
    AddressSpace guest() {
        return guest;
    }

    /** Memory by the front end's addresses. */
    AddressSpace user() {
        return user;
    }

    /** Adds a region, which this then owns; when it is refused, it stays the caller's. */
    void add(MemoryRegion region) {
        if (regions.size() == MAX_SLOTS) {
            throw new VhostException(Refusal.REGION_SLOT, "more than " + MAX_SLOTS + " regions");
        }
        long bytes = region.memory().byteSize();
        for (MemoryRegion other : regions) {
            bytes += other.memory().byteSize();
            if (region.overlaps(other)) {
                throw new VhostException(Refusal.REGION_OVERLAP, "the region at guest 0x" + Long.toHexString(region.guest())
                        + " overlaps the one at 0x" + Long.toHexString(other.guest()));
            }
        }
        if (bytes > MemoryRegion.MAX_BYTES) {
            throw new VhostException(Refusal.REGION, "regions of 0x" + Long.toHexString(bytes) + " bytes; a front end has 0x"
                    + Long.toHexString(MemoryRegion.MAX_BYTES) + " at most");
        }
        regions.add(region);
        rebuild();
    }

    /**
     * Whether a region is there already; it is then removed only when it was removed as often as it was added. QEMU
     * before 8.1 adds and removes each region once for each pair of queues.
     */
    boolean again(MemoryRegion region) {
        MemoryRegion same = find(region.guest(), region.memory().byteSize(), region.user());
        if (same == null) {
            return false;
        }
        more.merge(same, 1, Integer::sum);
        return true;
    }

    private MemoryRegion find(long guestAddress, long bytes, long userAddress) {
        for (MemoryRegion region : regions) {
            if (region.guest() == guestAddress && region.user() == userAddress && region.memory().byteSize() == bytes) {
                return region;
            }
        }
        return null;
    }

    /** Removes the region with these numbers. */
    void remove(long guestAddress, long bytes, long userAddress) {
        MemoryRegion region = find(guestAddress, bytes, userAddress);
        if (region == null) {
            throw new VhostException(Refusal.REGION_SLOT, "no region at guest 0x" + Long.toHexString(guestAddress) + " of " + bytes
                    + " bytes to remove");
        }
        if (more.containsKey(region)) {
            more.computeIfPresent(region, (_, times) -> times == 1 ? null : times - 1);
            return;
        }
        regions.remove(region);
        rebuild();
        region.file().close();
    }

    /** Takes all regions of another table and unmaps what was there. */
    void replace(MemoryTable other) {
        clear();
        regions.addAll(other.regions);
        other.regions.clear();
        rebuild();
    }

    /** Unmaps everything. */
    void clear() {
        List<MemoryRegion> old = List.copyOf(regions);
        regions.clear();
        more.clear();
        rebuild();
        old.forEach(region -> region.file().close());
    }

    /** The guest's address of one of the front end's, or -1. */
    long guestOf(long userAddress) {
        for (MemoryRegion region : regions) {
            long offset = userAddress - region.user();
            if (offset >= 0 && offset < region.memory().byteSize()) {
                return region.guest() + offset;
            }
        }
        return -1;
    }

    private void rebuild() {
        guest = new AddressSpace(regions.stream().map(r -> new AddressSpace.Range(r.guest(), r.memory(), true)).toList(), false);
        user = new AddressSpace(regions.stream().map(r -> new AddressSpace.Range(r.user(), r.memory(), true)).toList(), false);
    }
}
