package dev.penstock.vhost;

import dev.penstock.linux.EventFd;
import dev.penstock.linux.Fd;
import dev.penstock.linux.Memfd;
import dev.penstock.linux.Socket;
import dev.penstock.virtqueue.AddressSpace;
import dev.penstock.virtqueue.DeviceQueue;
import dev.penstock.virtqueue.Feature;
import dev.penstock.virtqueue.RingMemory;
import dev.penstock.virtqueue.WriteLog;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a front end has made of the device, changed by its messages (vhost-user specification). Used by the control
 * thread; {@link #handle} is called while no queue is polled. A message is checked before anything changes.
 */
final class VhostDevice {
    /** Protocol features that are offered. */
    static final long PROTOCOL = VhostRequest.PROTOCOL_MQ | VhostRequest.PROTOCOL_LOG_SHMFD | VhostRequest.PROTOCOL_RARP
            | VhostRequest.PROTOCOL_REPLY_ACK | VhostRequest.PROTOCOL_MTU | VhostRequest.PROTOCOL_BACKEND_REQ
            | VhostRequest.PROTOCOL_INFLIGHT_SHMFD | VhostRequest.PROTOCOL_RESET_DEVICE
            | VhostRequest.PROTOCOL_CONFIGURE_MEM_SLOTS | VhostRequest.PROTOCOL_STATUS;

    private static final int NONE = -1;
    private static final int NO_FD = 1 << 8;
    private static final int LOGGED = 1;
    private static final int MAX_REGIONS = 8;
    private static final long MAX_LOG_BYTES = 1L << 36;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private final VhostConfig config;
    private final VhostListener listener;
    private final Vring[] vrings;
    private final MemoryTable memory = new MemoryTable();
    private final Iotlb iotlb = new Iotlb();
    private final List<Miss> misses = new ArrayList<>();
    private final List<VhostException> lost = new ArrayList<>();
    private AddressSpace space = AddressSpace.EMPTY;
    private DirtyLog log;
    private EventFd logSignal;
    private Inflight inflight;
    /** Notes of this side's own, for front ends that keep none; null for none. */
    private final Inflight own;
    private int peer;
    private Socket requests;
    private long features;
    private long protocol;
    private long status;
    /** Descriptors of the message under way; null where taken. */
    private List<Fd> fds = List.of();

    VhostDevice(VhostConfig config, VhostListener listener, Vring[] vrings) {
        this.config = config;
        this.listener = listener;
        this.vrings = vrings;
        own = config.state() == null ? null : Inflight.inFile(config.state(), 2 * config.queuePairs());
    }

    private static VhostException refuse(Refusal why, String what) {
        return new VhostException(why, what);
    }

    private boolean translated() {
        return (features & Feature.ACCESS_PLATFORM) != 0;
    }

    boolean acknowledges() {
        return (protocol & VhostRequest.PROTOCOL_REPLY_ACK) != 0;
    }

    /** The socket for questions to the front end, or null. */
    Socket requests() {
        return requests;
    }

    /** An address to ask for, and what for: a page that may only be read is refused to who wants to write it. */
    record Miss(long address, int permission) {}

    /** Addresses to ask the front end for; then forgotten. */
    List<Miss> takeMisses() {
        for (Vring vring : vrings) {
            DeviceQueue queue = vring.takeMiss();
            if (queue != null) {
                misses.add(new Miss(queue.missedAddress(), queue.missedWrite() ? Iotlb.WRITE : Iotlb.READ));
            }
        }
        List<Miss> taken = List.copyOf(misses);
        misses.clear();
        return taken;
    }

    /** Why queues ended that ran, when memory changed under them; then forgotten. */
    List<VhostException> takeLost() {
        List<VhostException> taken = List.copyOf(lost);
        lost.clear();
        return taken;
    }

    /**
     * Acts on a message. Descriptors that it does not keep are closed.
     *
     * @return bytes of the answer, now in the payload, or -1 for none; descriptors of the answer are added
     */
    int handle(VhostMessage m, List<Fd> answer) {
        fds = new ArrayList<>(m.takeFds());
        try {
            return act(m, answer);
        } finally {
            for (Fd fd : fds) {
                if (fd != null) {
                    fd.close();
                }
            }
            fds = List.of();
        }
    }

    private int act(VhostMessage m, List<Fd> answer) {
        MemorySegment p = m.payload();
        switch (m.request()) {
            case VhostRequest.GET_FEATURES -> {
                return answer(m, config.features());
            }
            case VhostRequest.GET_PROTOCOL_FEATURES -> {
                return answer(m, PROTOCOL);
            }
            case VhostRequest.GET_QUEUE_NUM -> {
                return answer(m, config.queuePairs());
            }
            case VhostRequest.GET_MAX_MEM_SLOTS -> {
                return answer(m, MemoryTable.MAX_SLOTS);
            }
            case VhostRequest.GET_STATUS -> {
                return answer(m, status);
            }
            case VhostRequest.SET_FEATURES -> features(number(m));
            case VhostRequest.SET_PROTOCOL_FEATURES -> protocol(number(m));
            case VhostRequest.SET_OWNER -> expect(m, 0, 0, 0);
            case VhostRequest.RESET_OWNER, VhostRequest.RESET_DEVICE -> {
                expect(m, 0, 8, 0);
                stopAll();
                for (Vring vring : vrings) {
                    vring.setup.enabled = false;
                }
                status = 0;
            }
            case VhostRequest.SET_STATUS -> status(number(m));
            case VhostRequest.SET_MEM_TABLE -> memTable(m, p);
            case VhostRequest.ADD_MEM_REG -> addRegion(m, p);
            case VhostRequest.REM_MEM_REG -> removeRegion(m, p);
            case VhostRequest.SET_VRING_NUM -> vringNum(m, p);
            case VhostRequest.SET_VRING_ADDR -> vringAddr(m, p);
            case VhostRequest.SET_VRING_BASE -> vringBase(m, p);
            case VhostRequest.GET_VRING_BASE -> {
                return vringStop(m, p);
            }
            case VhostRequest.SET_VRING_KICK -> vringKick(m);
            case VhostRequest.SET_VRING_CALL -> vringCall(m);
            case VhostRequest.SET_VRING_ERR -> vringErr(m);
            case VhostRequest.SET_VRING_ENABLE -> vringEnable(m, p);
            case VhostRequest.SET_LOG_BASE -> {
                return logBase(m, p);
            }
            case VhostRequest.SET_LOG_FD -> logFd(m);
            case VhostRequest.SEND_RARP -> {
                // six bytes in the order of the wire, at the beginning
                listener.announce(Long.reverseBytes(number(m)) >>> 16);
            }
            case VhostRequest.NET_SET_MTU -> mtu(number(m));
            case VhostRequest.SET_BACKEND_REQ_FD -> requestSocket(m);
            case VhostRequest.IOTLB_MSG -> iotlb(m, p);
            case VhostRequest.GET_CONFIG -> {
                return config(m, p);
            }
            case VhostRequest.SET_CONFIG -> throw refuse(Refusal.VALUE, "a network device's configuration can't be written");
            case VhostRequest.GET_INFLIGHT_FD -> {
                return makeInflight(m, p, answer);
            }
            case VhostRequest.SET_INFLIGHT_FD -> takeInflight(m, p);
            default -> throw refuse(Refusal.REQUEST, "request " + m.request() + " is not known");
        }
        return NONE;
    }

    private void expect(VhostMessage m, int min, int max, int descriptors) {
        if (m.size() < min || m.size() > max) {
            throw refuse(Refusal.SIZE, "request " + m.request() + " with " + m.size() + " bytes; it has " + min + " to " + max);
        }
        if (fds.size() != descriptors) {
            throw refuse(Refusal.FDS, "request " + m.request() + " with " + fds.size() + " descriptors; it has " + descriptors);
        }
    }

    private long number(VhostMessage m) {
        expect(m, 8, 8, 0);
        return m.payload().get(LONG, 0);
    }

    private int answer(VhostMessage m, long value) {
        expect(m, 0, 8, 0);
        m.payload().set(LONG, 0, value);
        return 8;
    }

    private Fd take(int index) {
        return fds.set(index, null);
    }

    private Fd takeKind(int index, String kind) {
        String link;
        try {
            link = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fds.get(index).value())).toString();
        } catch (IOException e) {
            link = "unknown";
        }
        if (!link.startsWith(kind)) {
            throw refuse(Refusal.FD_KIND, "a descriptor of " + link + " where " + kind + " must be");
        }
        return take(index);
    }

    private EventFd takeEvent() {
        if (!EventFd.is(fds.getFirst())) {
            throw refuse(Refusal.FD_KIND, "a descriptor that is no eventfd where one must be");
        }
        return new EventFd(take(0));
    }

    private void features(long wanted) {
        if ((wanted & ~config.features()) != 0) {
            throw refuse(Refusal.FEATURES, "features 0x" + Long.toHexString(wanted) + " of which 0x"
                    + Long.toHexString(wanted & ~config.features()) + " were not offered");
        }
        if (((wanted ^ features) & ~Feature.LOG_ALL) != 0) {
            for (Vring vring : vrings) {
                live(vring, "the features");
            }
        }
        features = wanted;
        space = translated() ? iotlb.space(memory.user()) : memory.guest();
        applyLog();
    }

    private void protocol(long wanted) {
        if ((wanted & ~PROTOCOL) != 0) {
            throw refuse(Refusal.FEATURES, "protocol features 0x" + Long.toHexString(wanted & ~PROTOCOL) + " were not offered");
        }
        protocol = wanted;
    }

    private void status(long wanted) {
        if ((wanted & ~0xffL) != 0) {
            throw refuse(Refusal.VALUE, "status 0x" + Long.toHexString(wanted) + " has 8 bits");
        }
        status = wanted;
        if (wanted == 0) {
            stopAll();
        }
    }

    private void mtu(long bytes) {
        if (bytes < 68 || bytes > 65535) {
            throw refuse(Refusal.VALUE, "MTU " + bytes + " is not in 68 to 65535");
        }
        listener.mtu((int) bytes);
    }

    private static MemoryRegion region(MemorySegment p, long at, Fd fd) {
        return MemoryRegion.map(p.get(LONG, at), p.get(LONG, at + 8), p.get(LONG, at + 16), p.get(LONG, at + 24), fd);
    }

    private void memTable(VhostMessage m, MemorySegment p) {
        int n = m.size() < 8 ? -1 : p.get(INT, 0);
        if (n < 0 || n > MAX_REGIONS) {
            throw refuse(Refusal.SIZE, "a memory table of " + n + " regions; it has at most " + MAX_REGIONS);
        }
        expect(m, 8 + n * MemoryRegion.BYTES, 8 + MAX_REGIONS * MemoryRegion.BYTES, n);
        MemoryTable next = new MemoryTable();
        try {
            for (int i = 0; i < n; i++) {
                addTo(next, region(p, 8 + (long) i * MemoryRegion.BYTES, fds.get(i)));
            }
        } catch (VhostException e) {
            next.clear();
            throw e;
        }
        pauseAll();
        memory.replace(next);
        memoryChanged();
    }

    private static void addTo(MemoryTable table, MemoryRegion region) {
        try {
            table.add(region);
        } catch (VhostException e) {
            region.file().close();
            throw e;
        }
    }

    private void addRegion(VhostMessage m, MemorySegment p) {
        expect(m, 40, 40, 1);
        MemoryRegion region = region(p, 8, fds.get(0));
        if (memory.again(region)) {
            region.file().close();
            return;
        }
        addTo(memory, region);
        pauseAll();
        memoryChanged();
    }

    private void removeRegion(VhostMessage m, MemorySegment p) {
        expect(m, 40, 40, Math.min(fds.size(), 1));
        pauseAll();
        try {
            memory.remove(p.get(LONG, 8), p.get(LONG, 16), p.get(LONG, 24));
        } finally {
            memoryChanged();
        }
    }

    private void memoryChanged() {
        space = translated() ? iotlb.space(memory.user()) : memory.guest();
        for (int i = 0; i < vrings.length; i++) {
            goOn(i);
        }
    }

    /** A queue whose ring is still there goes on where it was. One whose ring is not ends, and keeps no other from that. */
    private void goOn(int index) {
        try {
            refresh(index);
        } catch (VhostException e) {
            vrings[index].broken();
            lost.add(e);
        }
    }

    private Vring vring(long index) {
        if (index < 0 || index >= vrings.length) {
            throw refuse(Refusal.QUEUE, "queue " + index + " of " + vrings.length);
        }
        return vrings[(int) index];
    }

    private static void live(Vring vring, String what) {
        if (vring.setup.started) {
            throw refuse(Refusal.LIVE, what + " can't change while a queue runs; stop it with GET_VRING_BASE");
        }
    }

    private void vringNum(VhostMessage m, MemorySegment p) {
        expect(m, 8, 8, 0);
        Vring vring = vring(p.get(INT, 0));
        int size = p.get(INT, 4);
        if (size < 1 || size > RingMemory.MAX_SIZE) {
            throw refuse(Refusal.VALUE, "a queue of " + size + " descriptors; it has 1 to " + RingMemory.MAX_SIZE);
        }
        if (size != vring.setup.size) {
            live(vring, "a queue's size");
        }
        vring.setup.size = size;
    }

    private void vringAddr(VhostMessage m, MemorySegment p) {
        expect(m, 40, 40, 0);
        Vring vring = vring(p.get(INT, 0));
        VringSetup s = vring.setup;
        int flags = p.get(INT, 4);
        long descriptors = p.get(LONG, 8);
        long device = p.get(LONG, 16);
        long driver = p.get(LONG, 24);
        if (!s.hasAddresses || descriptors != s.descriptors || device != s.device || driver != s.driver) {
            live(vring, "a queue's addresses");
        }
        s.descriptors = descriptors;
        s.device = device;
        s.driver = driver;
        s.logAddress = (flags & LOGGED) != 0 ? p.get(LONG, 32) : -1;
        s.hasAddresses = true;
        applyLog();
    }

    private void vringBase(VhostMessage m, MemorySegment p) {
        expect(m, 8, 8, 0);
        Vring vring = vring(p.get(INT, 0));
        live(vring, "a queue's base");
        vring.setup.base = p.get(INT, 4);
    }

    private int vringStop(VhostMessage m, MemorySegment p) {
        expect(m, 8, 8, 0);
        int index = p.get(INT, 0);
        Vring vring = vring(index);
        vring.retire();
        vring.setup.started = false;
        vring.setup.kick(null);
        vring.call(null);
        vring.setup.call = VringSetup.swap(vring.setup.call, null);
        forget(index);
        p.set(INT, 4, vring.setup.base);
        return 8;
    }

    /** The front end's word on where a queue begins counts again. */
    private void forget(int index) {
        if (inflight != null) {
            inflight.forget(index);
        }
        if (own != null) {
            own.forget(index);
        }
    }

    private EventFd event(VhostMessage m) {
        boolean none = m.size() == 8 && (m.payload().get(LONG, 0) & NO_FD) != 0;
        expect(m, 8, 8, none ? 0 : 1);
        vring(m.payload().get(LONG, 0) & 0xff);
        return none ? null : takeEvent();
    }

    private void vringKick(VhostMessage m) {
        EventFd kick = event(m);
        int index = (int) m.payload().get(LONG, 0) & 0xff;
        VringSetup s = vrings[index].setup;
        s.kick(kick);
        s.started = true;
        try {
            refresh(index);
        } catch (VhostException e) {
            s.started = false;
            throw e;
        }
    }

    private void vringCall(VhostMessage m) {
        EventFd call = event(m);
        Vring vring = vrings[(int) m.payload().get(LONG, 0) & 0xff];
        vring.call(call);
        vring.setup.call = VringSetup.swap(vring.setup.call, call);
        if (call != null && vring.queue() != null) {
            // what was used before there was a way to tell
            call.signal();
        }
    }

    private void vringErr(VhostMessage m) {
        EventFd error = event(m);
        Vring vring = vrings[(int) m.payload().get(LONG, 0) & 0xff];
        vring.error(error);
        vring.setup.error = VringSetup.swap(vring.setup.error, error);
    }

    private void vringEnable(VhostMessage m, MemorySegment p) {
        expect(m, 8, 8, 0);
        int index = p.get(INT, 0);
        Vring vring = vring(index);
        int on = p.get(INT, 4);
        if (on != 0 && on != 1) {
            throw refuse(Refusal.VALUE, "enable " + on + " is not 0 or 1");
        }
        vring.setup.enabled = on == 1;
        refresh(index);
    }

    /**
     * Runs a queue, or stops it, as all that was said asks for. One that is disabled while the front end sends in it goes on without
     * effect, so that what is in it gets back to the driver; one that is not enabled yet does not begin.
     */
    private void refresh(int index) {
        Vring vring = vrings[index];
        VringSetup s = vring.setup;
        boolean enabled = s.enabled || (features & Feature.PROTOCOL_FEATURES) == 0;
        boolean goesOn = enabled || (index & 1) == 1 && vring.queue() != null;
        if (!s.started || s.size == 0 || !s.hasAddresses || !goesOn) {
            vring.retire();
            return;
        }
        vring.disabled(!enabled);
        if (vring.queue() == null) {
            begin(index, vring, s);
        }
        if ((index & 1) == 0) {
            vring.lookAhead();
        }
    }

    private void begin(int index, Vring vring, VringSetup s) {
        boolean packed = (features & Feature.RING_PACKED) != 0;
        MemorySegment descriptors = ring(s.descriptors, RingMemory.descriptorBytes(s.size), packed);
        MemorySegment driver = ring(s.driver, RingMemory.driverBytes(packed, s.size), false);
        MemorySegment device = ring(s.device, RingMemory.deviceBytes(packed, s.size), true);
        if (descriptors == null || driver == null || device == null) {
            if (translated()) {
                return;
            }
            throw refuse(Refusal.RING, "queue " + index + " of " + s.size + " descriptors does not lie in the memory");
        }
        RingMemory memory = new RingMemory(s.size, descriptors, driver, device);
        try {
            memory.check(packed);
        } catch (IllegalArgumentException e) {
            throw refuse(Refusal.RING, "queue " + index + ": " + e.getMessage());
        }
        int base = base(index, memory, packed);
        DeviceQueue queue = DeviceQueue.of(memory, space, features, base);
        queue.hook(inflight != null ? inflight.track(index, memory, packed, base)
                : own != null && packed ? own.track(index, owner(index), memory, true, base) : null);
        s.ring = memory;
        applyLog(s, queue);
        vring.run(queue);
        vring.call(s.call);
        if (s.call != null) {
            s.call.signal();
        }
    }

    private MemorySegment ring(long address, long bytes, boolean written) {
        AddressSpace where = translated() ? space : memory.user();
        MemorySegment found = part(where, address, bytes, written);
        if (found == null && translated()) {
            long unknown = address;
            for (int range = where.find(address); range >= 0 && unknown - address < bytes; range = where.find(unknown)) {
                unknown += where.room(range, unknown);
            }
            if (unknown - address < bytes) {
                misses.add(new Miss(unknown, Iotlb.READ | Iotlb.WRITE));
            }
        }
        return found;
    }

    /** A ring's part; null when it is not known as a whole, or may only be read. */
    private static MemorySegment part(AddressSpace where, long address, long bytes, boolean written) {
        MemorySegment found = where.slice(address, bytes);
        return found != null && written && !where.isWritable(where.find(address)) ? null : found;
    }

    /** Where a queue begins. Nothing is in flight between bursts, so what was used tells where a split queue stands. */
    private int base(int index, RingMemory ring, boolean packed) {
        int base = vrings[index].setup.base;
        if (inflight != null) {
            base = inflight.resume(index, ring, packed, base);
        } else if (own != null && packed) {
            base = own.resume(index, owner(index), ring, true, base);
        }
        if (packed) {
            int position = base & 0x7fff;
            if (position >= ring.size()) {
                throw refuse(Refusal.VALUE, "queue " + index + ": base " + position + " of " + ring.size() + " descriptors");
            }
            return base & 0xffff | base << 16;
        }
        int used = Inflight.usedIndex(ring);
        if ((base & 0xffff) != used) {
            listener.say("queue " + index + " goes on at " + used + ", where its used ring stands, and not at " + (base & 0xffff));
        }
        return used;
    }

    private void applyLog() {
        for (Vring vring : vrings) {
            if (vring.queue() != null) {
                applyLog(vring.setup, vring.queue());
            }
        }
    }

    private void applyLog(VringSetup s, DeviceQueue queue) {
        queue.log(log != null && (features & Feature.LOG_ALL) != 0 ? log(s) : null);
    }

    /**
     * A front end names the used ring, which is the part that the device writes only where rings are split; and behind an IOMMU by
     * the address that the driver knows.
     */
    private WriteLog log(VringSetup s) {
        boolean wanted = s.logAddress != -1;
        boolean packed = (features & Feature.RING_PACKED) != 0;
        long used = translated() ? ringInGuest(s.device) : s.logAddress;
        return log.of(!wanted ? -1 : packed ? ringInGuest(s.descriptors) : used, wanted && packed ? ringInGuest(s.device) : -1,
                translated() ? this::guestAddress : a -> a);
    }

    private long ringInGuest(long address) {
        return translated() ? guestAddress(address) : memory.guestOf(address);
    }

    private long guestAddress(long address) {
        long user = iotlb.user(address);
        return memory.guestOf(user);
    }

    private int logBase(VhostMessage m, MemorySegment p) {
        expect(m, 16, 16, 1);
        long bytes = p.get(LONG, 0);
        long offset = p.get(LONG, 8);
        if (bytes < 8 || bytes > MAX_LOG_BYTES || offset < 0 || offset > MAX_LOG_BYTES || offset % 8 != 0) {
            throw refuse(Refusal.VALUE, "a dirty log of " + bytes + " bytes at " + offset);
        }
        DirtyLog next = new DirtyLog(FilePart.map(fds.get(0), offset, bytes));
        DirtyLog old = log;
        log = next;
        applyLog();
        if (old != null) {
            old.close();
        }
        return 0;
    }

    private void logFd(VhostMessage m) {
        expect(m, 0, 8, 1);
        logSignal = VringSetup.swap(logSignal, takeEvent());
    }

    private void requestSocket(VhostMessage m) {
        expect(m, 0, 8, 1);
        Socket next = Socket.own(takeKind(0, "socket:"));
        if (requests != null) {
            requests.close();
        }
        requests = next;
        requests.timeoutMs(VhostBackend.TIMEOUT_MS);
    }

    private void iotlb(VhostMessage m, MemorySegment p) {
        expect(m, Iotlb.MIN_BYTES, 32, 0);
        if (!translated()) {
            throw refuse(Refusal.IOTLB, "an IOTLB message though no IOMMU was agreed on");
        }
        long start = p.get(LONG, 0);
        long bytes = p.get(LONG, 8);
        int type = p.get(ValueLayout.JAVA_BYTE, 25);
        if (type == Iotlb.UPDATE) {
            iotlb.update(start, bytes, p.get(LONG, 16), p.get(ValueLayout.JAVA_BYTE, 24));
        } else if (type == Iotlb.INVALIDATE) {
            iotlb.invalidate(start, bytes);
            for (Vring vring : vrings) {
                vring.askAgain();
            }
        } else {
            throw refuse(Refusal.IOTLB, "an IOTLB message of type " + type);
        }
        space = iotlb.space(memory.user());
        for (int i = 0; i < vrings.length; i++) {
            Vring vring = vrings[i];
            if (vring.queue() != null && !ringsStay(vring.setup)) {
                vring.retire();
            }
            vring.space(space);
            goOn(i);
        }
    }

    /** Whether all of a running queue's ring is where it was. */
    private boolean ringsStay(VringSetup s) {
        return isAt(s.ring.descriptors(), s.descriptors, (features & Feature.RING_PACKED) != 0) && isAt(s.ring.driver(), s.driver, false)
                && isAt(s.ring.device(), s.device, true);
    }

    private boolean isAt(MemorySegment part, long address, boolean written) {
        MemorySegment now = part(space, address, part.byteSize(), written);
        return now != null && now.address() == part.address();
    }

    private int config(VhostMessage m, MemorySegment p) {
        if (m.size() < 12) {
            throw refuse(Refusal.SIZE, "GET_CONFIG with " + m.size() + " bytes");
        }
        int offset = p.get(INT, 0);
        int bytes = p.get(INT, 4);
        expect(m, 12, 12 + 256, 0);
        if (offset < 0 || bytes < 0 || offset > 256 || bytes > 256 - offset || bytes > m.size() - 12) {
            throw refuse(Refusal.VALUE, "GET_CONFIG of " + bytes + " bytes at " + offset);
        }
        // address 6, status 2, queue pairs 2, MTU 2 (VIRTIO 1.2, section 5.1.4)
        byte[] all = new byte[256];
        all[6] = 1;
        all[8] = (byte) config.queuePairs();
        all[9] = (byte) (config.queuePairs() >> 8);
        all[10] = (byte) 1500;
        all[11] = 1500 >> 8;
        MemorySegment.copy(all, offset, p, ValueLayout.JAVA_BYTE, 12, bytes);
        return 12 + bytes;
    }

    private int makeInflight(VhostMessage m, MemorySegment p, List<Fd> answer) {
        expect(m, 20, 24, 0);
        int queues = p.get(ValueLayout.JAVA_SHORT_UNALIGNED, 16) & 0xffff;
        if (queues < 1 || queues > vrings.length) {
            throw refuse(Refusal.QUEUE, "inflight memory for " + queues + " queues of " + vrings.length);
        }
        for (Vring vring : vrings) {
            live(vring, "the inflight memory");
        }
        long bytes = (queues * (long) Inflight.SLOT_BYTES + 4095) / 4096 * 4096;
        Fd fd = Memfd.create("penstock-inflight", bytes);
        answer.add(fd);
        Memfd.seal(fd, Memfd.F_SEAL_SHRINK | Memfd.F_SEAL_GROW | Memfd.F_SEAL_SEAL);
        setInflight(new Inflight(FilePart.map(fd, 0, bytes)));
        p.set(LONG, 0, bytes);
        p.set(LONG, 8, 0);
        return m.size();
    }

    private void takeInflight(VhostMessage m, MemorySegment p) {
        expect(m, 20, 24, 1);
        long bytes = p.get(LONG, 0);
        long offset = p.get(LONG, 8);
        if (bytes < Inflight.SLOT_BYTES || bytes > 1 << 24 || offset < 0 || offset > 1 << 24 || offset % 8 != 0) {
            throw refuse(Refusal.VALUE, "inflight memory of " + bytes + " bytes at " + offset);
        }
        for (Vring vring : vrings) {
            live(vring, "the inflight memory");
        }
        setInflight(new Inflight(FilePart.map(fds.get(0), offset, bytes)));
    }

    /** A front end's ring is the same as before if it is the same process, and has it in the same place. */
    private long owner(int index) {
        return vrings[index].setup.descriptors ^ (long) peer << 48 ^ vrings[index].setup.size;
    }

    /** The process that is connected now. */
    void peer(int pid) {
        peer = pid;
    }

    /** Ends for good. */
    void close() {
        if (own != null) {
            own.close();
        }
    }

    private void setInflight(Inflight next) {
        if (inflight != null) {
            inflight.close();
        }
        inflight = next;
    }

    private void pauseAll() {
        for (Vring vring : vrings) {
            vring.retire();
        }
    }

    private void stopAll() {
        for (int i = 0; i < vrings.length; i++) {
            vrings[i].retire();
            vrings[i].setup.started = false;
            forget(i);
        }
    }

    /** Gives back everything of a front end that has gone; the pollers are out. */
    void clear() {
        for (Vring vring : vrings) {
            vring.retire();
            vring.call(null);
            vring.error(null);
            vring.setup.clear();
        }
        memory.clear();
        iotlb.clear();
        misses.clear();
        lost.clear();
        space = AddressSpace.EMPTY;
        if (log != null) {
            log.close();
        }
        log = null;
        logSignal = VringSetup.swap(logSignal, null);
        if (inflight != null) {
            inflight.close();
        }
        inflight = null;
        if (requests != null) {
            requests.close();
        }
        requests = null;
        features = 0;
        protocol = 0;
        status = 0;
    }
}
