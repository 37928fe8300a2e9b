package dev.penstock.vhost;

import dev.penstock.virtqueue.AddressSpace;
import java.util.ArrayList;
import java.util.List;

/** The regions that a front end shares. Used by the control thread, while no queue is polled. */
final class MemoryTable {
    /** Regions at most; as many as QEMU has slots for vhost-user by default. */
    static final int MAX_SLOTS = 32;

    private final List<MemoryRegion> regions = new ArrayList<>();
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
        for (MemoryRegion other : regions) {
            if (region.overlaps(other)) {
                throw new VhostException(Refusal.REGION_OVERLAP, "the region at guest 0x" + Long.toHexString(region.guest())
                        + " overlaps the one at 0x" + Long.toHexString(other.guest()));
            }
        }
        regions.add(region);
        rebuild();
    }

    /** Removes the region with these numbers. */
    void remove(long guestAddress, long bytes, long userAddress) {
        for (MemoryRegion region : regions) {
            if (region.guest() == guestAddress && region.user() == userAddress && region.memory().byteSize() == bytes) {
                regions.remove(region);
                rebuild();
                region.file().close();
                return;
            }
        }
        throw new VhostException(Refusal.REGION_SLOT, "no region at guest 0x" + Long.toHexString(guestAddress) + " of " + bytes
                + " bytes to remove");
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
