package dev.penstock.mbuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.eal.Eal;
import org.junit.jupiter.api.Test;

class MbufNamesTest {
    @Test
    void shouldNameFlagsAsDpdkDoes() {
        assertEquals("RTE_MBUF_F_RX_RSS_HASH", OlFlagNames.rxName(OlFlags.RX_RSS_HASH));
        assertEquals("RTE_MBUF_F_RX_L4_CKSUM_NONE", OlFlagNames.rxName(OlFlags.RX_L4_CKSUM_NONE));
        assertEquals("RTE_MBUF_F_TX_UDP_CKSUM", OlFlagNames.txName(OlFlags.TX_UDP_CKSUM));
        assertNull(OlFlagNames.rxName(0));
        assertNull(OlFlagNames.txName(OlFlags.RX_VLAN | OlFlags.TX_VLAN));
        assertEquals("RTE_MBUF_F_RX_L4_CKSUM_UNKNOWN RTE_MBUF_F_RX_IP_CKSUM_UNKNOWN RTE_MBUF_F_RX_OUTER_L4_CKSUM_UNKNOWN ",
                OlFlagNames.rxList(0));
        assertEquals("RTE_MBUF_F_RX_VLAN RTE_MBUF_F_RX_L4_CKSUM_BAD RTE_MBUF_F_RX_IP_CKSUM_GOOD "
                + "RTE_MBUF_F_RX_OUTER_L4_CKSUM_INVALID ", OlFlagNames.rxList(OlFlags.RX_VLAN
                | OlFlags.RX_L4_CKSUM_BAD | OlFlags.RX_IP_CKSUM_GOOD | OlFlags.RX_OUTER_L4_CKSUM_INVALID));
        assertEquals("RTE_MBUF_F_TX_L4_NO_CKSUM ", OlFlagNames.txList(0));
        assertEquals("RTE_MBUF_F_TX_SCTP_CKSUM RTE_MBUF_F_TX_TUNNEL_GRE ",
                OlFlagNames.txList(OlFlags.TX_SCTP_CKSUM | OlFlags.TX_TUNNEL_GRE));
        assertEquals(1L << 62, OlFlags.INDIRECT);
        assertEquals(15L << 45, OlFlags.TX_TUNNEL_MASK);
    }

    @Test
    void shouldRefuseOffloadsThatContradict() {
        long tso = OlFlags.TX_TCP_SEG;
        long segments = HeaderLengths.pack(14, 20, 20, 512, 0, 0);
        assertNull(HeaderLengths.validate(0, 0));
        assertNull(HeaderLengths.validate(OlFlags.TX_IPV4 | OlFlags.TX_IP_CKSUM, 0));
        assertNotNull(HeaderLengths.validate(OlFlags.TX_IPV6 | OlFlags.TX_IP_CKSUM, 0));
        assertNotNull(HeaderLengths.validate(OlFlags.TX_TCP_CKSUM, 0));
        assertNull(HeaderLengths.validate(OlFlags.TX_TCP_CKSUM | OlFlags.TX_IPV6, 0));
        assertNotNull(HeaderLengths.validate(tso, segments));
        assertNotNull(HeaderLengths.validate(tso | OlFlags.TX_IPV4 | OlFlags.TX_IP_CKSUM, 0));
        assertNotNull(HeaderLengths.validate(tso | OlFlags.TX_IPV4, segments));
        assertNull(HeaderLengths.validate(tso | OlFlags.TX_IPV4 | OlFlags.TX_IP_CKSUM, segments));
        assertNull(HeaderLengths.validate(tso | OlFlags.TX_IPV6, segments));
        assertNotNull(HeaderLengths.validate(OlFlags.TX_OUTER_IP_CKSUM, 0));
        assertNull(HeaderLengths.validate(OlFlags.TX_OUTER_IP_CKSUM | OlFlags.TX_OUTER_IPV4, 0));
    }

    @Test
    void shouldGiveOutDynamicFieldsThatDoNotOverlap() {
        DynamicFields set = new DynamicFields();
        DynamicFields.Field a = set.register("a", 4, 4);
        DynamicFields.Field b = set.register("b", 2, 2);
        DynamicFields.Field c = set.register("c", 8, 8);
        assertSame(a, set.register("a", 4, 4));
        assertSame(a, set.lookup("a"));
        assertNull(set.lookup("d"));
        assertThrows(IllegalArgumentException.class, () -> set.register("a", 2, 2));
        assertThrows(IllegalArgumentException.class, () -> set.register("d", 3, 3));
        assertThrows(IllegalArgumentException.class, () -> set.register("d", 37, 1));
        assertThrows(IllegalArgumentException.class, () -> set.register("d", 0, 1));
        assertThrows(IllegalArgumentException.class, () -> set.register("", 1, 1));
        assertThrows(IllegalStateException.class, () -> set.register("d", 1, 1, a.offset()));
        assertThrows(IllegalStateException.class, () -> set.register("d", 33, 1));
        boolean[] used = new boolean[DynamicFields.BYTES];
        for (DynamicFields.Field f : new DynamicFields.Field[] {a, b, c}) {
            assertEquals(0, f.offset() % f.align());
            for (int i = f.offset(); i < f.offset() + f.size(); i++) {
                assertTrue(!used[i]);
                used[i] = true;
            }
        }
        for (int i = 0; i < DynamicFields.BYTES - 14; i++) {
            set.register("byte" + i, 1, 1);
        }
        assertThrows(IllegalStateException.class, () -> set.register("more", 1, 1));
    }

    @Test
    void shouldGiveOutFreeFlagsAlone() {
        DynamicFields set = new DynamicFields();
        long first = set.registerFlag("first");
        assertEquals(OlFlags.FIRST_FREE, first);
        assertEquals(first, set.registerFlag("first"));
        assertEquals(first, set.lookupFlag("first"));
        assertEquals(0, set.lookupFlag("second"));
        assertEquals(1L << 40, set.registerFlag("last", 40));
        assertThrows(IllegalStateException.class, () -> set.registerFlag("other", 40));
        assertThrows(IllegalArgumentException.class, () -> set.registerFlag("other", 41));
        assertThrows(IllegalArgumentException.class, () -> set.registerFlag("last", 39));
        for (int i = 24; i < 40; i++) {
            assertNotEquals(0, set.registerFlag("flag" + i));
        }
        assertThrows(IllegalStateException.class, () -> set.registerFlag("other"));
    }

    @Test
    void shouldKeepDynamicFieldsInThePacketAndItsCopies() {
        try (Eal eal = Eal.start(line -> { }, "--no-huge", "-l", "0")) {
            DynamicFields set = new DynamicFields();
            MbufPool pool = MbufPool.with(eal, "dyn", 16).dynamicFields(set).create();
            DynamicFields.Field wide = set.register("wide", 8, 8);
            DynamicFields.Field word = set.register("word", 4, 4);
            DynamicFields.Field half = set.register("half", 2, 2);
            DynamicFields.Field one = set.register("one", 1, 1);
            Mbuf[] all = new Mbuf[8];
            pool.allocBulk(all, 0, 8);
            for (int i = 0; i < 8; i++) {
                all[i].dynLong(wide, -i);
                all[i].dynInt(word, 100 + i);
                all[i].dynShort(half, (short) (200 + i));
                all[i].dynByte(one, (byte) i);
                all[i].append(2048);
                all[i].putLong(0, -1);
            }
            Mbuf clone = all[3].clone(pool);
            Mbuf copy = all[3].copy(pool, 0, 1);
            for (Mbuf m : new Mbuf[] {all[3], clone, copy}) {
                assertEquals(-3, m.dynLong(wide));
                assertEquals(103, m.dynInt(word));
                assertEquals(203, m.dynShort(half));
                assertEquals(3, m.dynByte(one));
            }
            DynamicFields.Field wrong = new DynamicFields.Field("wrong", 8, 8, 32);
            assertThrows(IndexOutOfBoundsException.class, () -> clone.dynLong(wrong));
        }
    }

    @Test
    void shouldSpreadPacketsOverChannelsAndRanks() {
        for (int channels = 0; channels <= 6; channels++) {
            for (int ranks = 0; ranks <= 4; ranks++) {
                for (int room : new int[] {128, 2048, 2176, 9216, 65535}) {
                    PoolLayout layout = PoolLayout.of(40, room, channels, ranks);
                    int parts = Math.max(1, channels == 0 ? 4 : channels) * Math.max(1, ranks);
                    boolean[] hit = new boolean[parts];
                    for (int i = 0; i < parts; i++) {
                        hit[(int) (i * layout.stride() / 64 % parts)] = true;
                    }
                    for (boolean h : hit) {
                        assertTrue(h, channels + " channels, " + ranks + " ranks, room " + room);
                    }
                    assertTrue(layout.stride() >= layout.front() + room && layout.front() >= 40);
                }
            }
        }
    }

    @Test
    void shouldKeepPacketsAsTheEnvironmentIsToldUnlessThePoolSaysOtherwise() {
        try (Eal eal = Eal.start(line -> { }, "--no-huge", "-l", "0", "--mbuf-pool-ops-name=stack")) {
            assertEquals("stack", MbufPool.create(eal, "a", 9, 0, 2176, -1).opsName());
            assertEquals("ring_sp_sc", MbufPool.with(eal, "b", 9).ops("ring_sp_sc").create().opsName());
        }
        try (Eal eal = Eal.start(line -> { }, "--no-huge", "-l", "0", "--mbuf-pool-ops-name=heap")) {
            String message = assertThrows(IllegalArgumentException.class, () -> MbufPool.create(eal, "a", 9, 0, 2176, -1)).getMessage();
            assertTrue(message.contains("no pool ops are called 'heap'"), message);
        }
    }

    @Test
    void shouldRefuseAPoolThatCannotBe() {
        try (Eal eal = Eal.start(line -> { }, "--no-huge", "-l", "0")) {
            assertThrows(IllegalArgumentException.class, () -> MbufPool.create(eal, "p", 0, 0, 2176, -1));
            assertThrows(IllegalArgumentException.class, () -> MbufPool.create(eal, "p", 100, 100, 2176, -1));
            assertThrows(IllegalArgumentException.class, () -> MbufPool.create(eal, "p", 100, 0, 65536, -1));
            assertThrows(IllegalArgumentException.class, () -> MbufPool.create(eal, "p", 100, 0, 0, -1));
            assertThrows(IllegalArgumentException.class, () -> MbufPool.with(eal, "p", 9).privSize(-1).create());
            assertThrows(IllegalArgumentException.class, () -> MbufPool.with(eal, "p", 9).ops("bucket").create());
        }
    }
}
