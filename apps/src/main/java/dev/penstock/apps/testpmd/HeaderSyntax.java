package dev.penstock.apps.testpmd;

import dev.penstock.net.EtherType;
import dev.penstock.net.IpProtocol;
import dev.penstock.net.Ipv4Address;
import dev.penstock.net.Ipv6Address;
import dev.penstock.net.MacAddress;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;

/**
 * The headers of {@code set raw_encap} and {@code set raw_decap}: items as a pattern has them, up to {@code / end_set}. An
 * item of which nothing is said has all bits of its main fields set, as DPDK's; a type or protocol that is left 0 becomes
 * that of the item behind it.
 */
final class HeaderSyntax {
    /** What can stand there: bytes of which nothing is said, bytes to which fields are added, what names it, where the next one is named. */
    private enum Item {
        ETH("ffffffffffff ffffffffffff 0000", "0000000000000000000000000000", 0x6558, 12, "dst:0:48 src:48:48 type:96:16"),
        VLAN("0fff0000", "00000000", 0x8100, 2, "tci:0:16 pcp:0:3 dei:3:1 vid:4:12 inner_type:16:16"),
        IPV4("4500000000000000 00000000 ffffffff ffffffff", "4500000000000000 00000000 00000000 00000000", EtherType.IPV4, 9,
                "version_ihl:0:8 tos:8:8 fragment_offset:48:16 ttl:64:8 proto:72:8 src:96:32 dst:128:32"),
        IPV6("6000000000000000 ffffffffffffffffffffffffffffffff ffffffffffffffffffffffffffffffff",
                "6000000000000000 00000000000000000000000000000000 00000000000000000000000000000000", EtherType.IPV6, 6,
                "tc:4:8 flow:12:20 proto:48:8 hop:56:8 src:64:128 dst:192:128"),
        UDP("ffffffff00000000", "0000000000000000", IpProtocol.UDP, -1, "src:0:16 dst:16:16"),
        TCP("ffffffff 0000000000000000 5000000000000000", "00000000 0000000000000000 5000000000000000", IpProtocol.TCP, -1,
                "src:0:16 dst:16:16 flags:104:8"),
        VXLAN("08000000ffffff00", "0800000000000000", -1, -1, "vni:32:24"),
        GENEVE("00006558ffffff00", "0000655800000000", -1, -1, "optlen:2:6 protocol:16:16 vni:32:24"),
        GRE("00000000", "00000000", IpProtocol.GRE, 2, "c_rsvd0_ver:0:16 protocol:16:16"),
        GRE_KEY("ffffffff", "00000000", -1, -1, "value:0:32"),
        NVGRE("20006558ffffff00", "2000655800000000", IpProtocol.GRE, -1, "tni:32:24"),
        MPLS("fffff100", "00000100", 0x8847, -1, "label:0:20 tc:20:3 bottom_of_stack:23:1 ttl:24:8");

        private final byte[] unsaid;
        private final byte[] said;
        /** The EtherType or IP protocol that leads here, -1 for none. */
        private final int number;
        /** Where the item says what comes next: two bytes, or one of IP; -1 when it does not. */
        private final int next;
        private final List<String> fields;

        Item(String unsaid, String said, int number, int next, String fields) {
            this.unsaid = HexFormat.of().parseHex(unsaid.replace(" ", ""));
            this.said = HexFormat.of().parseHex(said.replace(" ", ""));
            this.number = number;
            this.next = next;
            this.fields = List.of(fields.split(" "));
        }

        static Item of(String word) {
            return Arrays.stream(values()).filter(i -> i.word().equals(word)).findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("set: '" + word + "' is no header that can be put before a packet; there are "
                            + String.join(", ", Arrays.stream(values()).map(Item::word).toList()) + "; end_set ends them"));
        }

        /** Name, first bit and bits of a field. */
        String[] field(String name) {
            return fields.stream().map(f -> f.split(":")).filter(f -> f[0].equals(name)).findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("set: " + word() + " has no field '" + name + "'; there are "
                            + String.join(", ", fields.stream().map(f -> f.split(":")[0]).toList())));
        }

        String word() {
            return FlowSyntax.lower(this);
        }

        boolean isIp() {
            return this == IPV4 || this == IPV6;
        }
    }

    private record Header(Item item, byte[] bytes) {}

    private HeaderSyntax() {}

    /**
     * Reads items.
     *
     * @param text items and {@code end_set}
     * @return the headers' bytes
     * @throws IllegalArgumentException with the word that is wrong and what may stand there
     */
    static byte[] parse(String text) {
        Deque<String> words = new ArrayDeque<>(List.of(text.strip().split("\\s+")));
        List<Header> headers = new ArrayList<>();
        for (String name = word(words, "an item"); !name.equals("end_set"); name = word(words, "an item")) {
            Item item = Item.of(name);
            headers.add(new Header(item, item(item, words)));
        }
        if (!words.isEmpty()) {
            throw new IllegalArgumentException("set: '" + words.peek() + "' stands behind end_set");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < headers.size(); i++) {
            if (i + 1 < headers.size()) {
                link(headers.get(i), headers.get(i + 1).item());
            }
            bytes.writeBytes(headers.get(i).bytes());
        }
        return bytes.toByteArray();
    }

    private static String word(Deque<String> words, String wanted) {
        if (words.isEmpty()) {
            throw new IllegalArgumentException("set: the headers end where " + wanted + " is to stand");
        }
        return words.remove();
    }

    private static byte[] item(Item item, Deque<String> words) {
        byte[] bytes = null;
        for (String name = word(words, "a field or '/'"); !name.equals("/"); name = word(words, "a field or '/'")) {
            bytes = bytes == null ? item.said.clone() : bytes;
            String[] field = item.field(name);
            String how = word(words, "is or spec");
            if (!how.equals("is") && !how.equals("spec")) {
                throw new IllegalArgumentException("set: '" + how + "' behind a field; headers have values, so give is or spec");
            }
            put(bytes, Integer.parseInt(field[1]), value(item, name, word(words, "a value"), Integer.parseInt(field[2])));
        }
        return bytes == null ? item.unsaid.clone() : bytes;
    }

    private static boolean[] value(Item item, String field, String text, int bits) {
        if (bits == 128) {
            Ipv6Address address = Ipv6Address.parse(text);
            boolean[] both = Arrays.copyOf(bits(address.high(), 64), bits);
            System.arraycopy(bits(address.low(), 64), 0, both, 64, 64);
            return both;
        }
        long value = bits == 48 ? MacAddress.parse(text) : item == Item.IPV4 && bits == 32 ? Ipv4Address.parse(text) & 0xffff_ffffL
                : FlowWords.number(item.word() + " " + field, text, -1L >>> 64 - bits);
        return bits(value, bits);
    }

    private static boolean[] bits(long value, int n) {
        boolean[] bits = new boolean[n];
        for (int i = 0; i < n; i++) {
            bits[i] = (value >>> n - 1 - i & 1) != 0;
        }
        return bits;
    }

    private static void put(byte[] bytes, int at, boolean[] bits) {
        for (int i = 0; i < bits.length; i++) {
            int mask = 0x80 >> (at + i) % 8;
            bytes[(at + i) / 8] = (byte) (bits[i] ? bytes[(at + i) / 8] | mask : bytes[(at + i) / 8] & ~mask);
        }
    }

    /** Says in a header what comes behind it, where it does not say so yet. */
    private static void link(Header header, Item behind) {
        Item item = header.item();
        byte[] bytes = header.bytes();
        if (item.next < 0 || behind.number < 0) {
            return;
        }
        if (item.isIp()) {
            bytes[item.next] = bytes[item.next] == 0 ? (byte) behind.number : bytes[item.next];
        } else if (bytes[item.next] == 0 && bytes[item.next + 1] == 0) {
            bytes[item.next] = (byte) (behind.number >> 8);
            bytes[item.next + 1] = (byte) behind.number;
        }
    }
}
