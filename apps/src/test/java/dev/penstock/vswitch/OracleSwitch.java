package dev.penstock.vswitch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A switch written as the standard says it, with maps and byte arrays and no care for speed. */
final class OracleSwitch {
    static final class OraclePort {
        final String name;
        String tenant;
        int untagged;
        BitSet tagged;
        boolean isolated;
        int limit;

        OraclePort(String name) {
            this.name = name;
        }

        boolean has(int vlan) {
            return vlan == untagged || tagged != null && tagged.get(vlan);
        }
    }

    private record Place(OraclePort port, int tick) {}

    final Map<String, OraclePort> ports = new TreeMap<>();
    private final Map<String, Place> learned = new HashMap<>();
    private final int ageingS;
    private int tick;

    OracleSwitch(int ageingS) {
        this.ageingS = ageingS;
    }

    int learned() {
        return learned.size();
    }

    void tick(int now) {
        tick = now;
        learned.values().removeIf(p -> now - p.tick >= ageingS);
    }

    void forget(OraclePort port) {
        learned.values().removeIf(p -> p.port == port);
    }

    private static long mac(byte[] frame, int at) {
        long mac = 0;
        for (int i = 0; i < 6; i++) {
            mac = mac << 8 | frame[at + i] & 0xff;
        }
        return mac;
    }

    /** Who gets a frame, and as what. */
    Map<String, List<byte[]>> forward(String from, byte[] frame) {
        OraclePort in = ports.get(from);
        Map<String, List<byte[]>> result = new TreeMap<>();
        if (frame.length < 14) {
            return result;
        }
        long dst = mac(frame, 0);
        long src = mac(frame, 6);
        boolean tagged = (frame[12] & 0xff) == 0x81 && frame[13] == 0;
        if ((src >>> 40 & 1) != 0 || src == 0 || tagged && frame.length < 18) {
            return result;
        }
        int tci = tagged ? (frame[14] & 0xff) << 8 | frame[15] & 0xff : 0;
        int vlan = (tci & 0xfff) == 0 ? in.untagged : tci & 0xfff;
        if (vlan == 0 || (tci & 0xfff) != 0 && (in.tagged == null || !in.tagged.get(vlan))) {
            return result;
        }
        String place = in.tenant + "/" + vlan + "/";
        Place known = learned.get(place + src);
        long behind = learned.values().stream().filter(p -> p.port == in).count();
        if (known != null && known.port == in || behind < in.limit) {
            learned.put(place + src, new Place(in, tick));
        }
        if (dst >>> 4 == 0x0180_c200_000L) {
            return result;
        }
        List<OraclePort> to = new ArrayList<>();
        Place there = (dst >>> 40 & 1) != 0 ? null : learned.get(place + dst);
        for (OraclePort port : ports.values()) {
            boolean wanted = there == null ? port.has(vlan) && port.tenant.equals(in.tenant) : there.port == port;
            if (wanted && port != in && !(port.isolated && in.isolated)) {
                to.add(port);
            }
        }
        for (OraclePort port : to) {
            result.put(port.name, new ArrayList<>(List.of(leaving(port, vlan, tci, tagged, frame))));
        }
        return result;
    }

    private static byte[] leaving(OraclePort port, int vlan, int tci, boolean tagged, byte[] frame) {
        byte[] bare = frame;
        if (tagged) {
            bare = Arrays.copyOf(frame, frame.length - 4);
            System.arraycopy(frame, 16, bare, 12, frame.length - 16);
        }
        if (port.untagged == vlan) {
            return bare;
        }
        int tag = tci & 0xf000 | vlan;
        byte[] result = new byte[bare.length + 4];
        System.arraycopy(bare, 0, result, 0, 12);
        result[12] = (byte) 0x81;
        result[14] = (byte) (tag >>> 8);
        result[15] = (byte) tag;
        System.arraycopy(bare, 12, result, 16, bare.length - 12);
        return result;
    }
}
