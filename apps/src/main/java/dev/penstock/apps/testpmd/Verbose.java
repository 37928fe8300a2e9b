package dev.penstock.apps.testpmd;

import dev.penstock.apps.cli.Console;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.RxCallback;
import dev.penstock.ethdev.TxCallback;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.OlFlagNames;
import dev.penstock.mbuf.OlFlags;
import dev.penstock.net.Ethernet;
import dev.penstock.net.PacketLengths;
import dev.penstock.net.PacketType;
import dev.penstock.net.PacketTypeName;

/** Prints packets as they pass a port's queues, as {@code set verbose} asks: 1 received, 2 sent, 3 and more both. */
final class Verbose implements RxCallback, TxCallback {
    private final Testpmd app;
    private final Console console;
    private final PacketLengths lengths = new PacketLengths();

    private Verbose(Testpmd app) {
        this.app = app;
        this.console = app.console;
    }

    /** Adds the callbacks to a port that has queues and that nobody polls, or takes them away. */
    static void attach(Testpmd app, Port port, PortSettings own) {
        int level = app.settings.verbose;
        own.verbose = own.verbose == null ? new Verbose(app) : own.verbose;
        for (int q = 0; q < port.config().rxQueues(); q++) {
            port.removeRxCallback(q, own.verbose);
            if (level == 1 || level > 2) {
                port.addRxCallback(q, own.verbose);
            }
        }
        for (int q = 0; q < port.config().txQueues(); q++) {
            port.removeTxCallback(q, own.verbose);
            if (level >= 2) {
                port.addTxCallback(q, own.verbose);
            }
        }
    }

    @Override
    public int received(Port port, int queue, Mbuf[] packets, int n, int max) {
        if (n > 0) {
            print(port, queue, packets, 0, n, true);
        }
        return n;
    }

    @Override
    public int transmitting(Port port, int queue, Mbuf[] packets, int from, int n) {
        if (n > 0) {
            print(port, queue, packets, from, n, false);
        }
        return n;
    }

    private synchronized void print(Port port, int queue, Mbuf[] packets, int from, int n, boolean rx) {
        StringBuilder text = new StringBuilder("port " + port.id() + "/queue " + queue + ": " + (rx ? "received " : "sent ") + n
                + " packets\n");
        for (int i = from; i < from + n; i++) {
            describe(text, packets[i], queue, rx);
        }
        console.print(text.toString());
        console.flush();
    }

    private void describe(StringBuilder text, Mbuf m, int queue, boolean rx) {
        if (m.dataLen() >= Ethernet.LENGTH) {
            text.append("  src=").append(PortDisplay.mac(Ethernet.src(m, 0))).append(" - dst=")
                    .append(PortDisplay.mac(Ethernet.dst(m, 0)));
        }
        text.append(" - pool=").append(m.pool().name()).append(" - type=0x")
                .append(String.format("%04x", m.dataLen() >= Ethernet.LENGTH ? Ethernet.etherType(m, 0) : 0))
                .append(" - length=").append(m.pktLen()).append(" - nb_segs=").append(m.nbSegs());
        long flags = m.olFlags();
        if ((flags & OlFlags.RX_RSS_HASH) != 0) {
            text.append(" - RSS hash=0x").append(Integer.toHexString(m.rssHash())).append(" - RSS queue=0x")
                    .append(Integer.toHexString(queue));
        }
        if ((flags & OlFlags.RX_FDIR) != 0) {
            text.append(" - FDIR matched ").append((flags & OlFlags.RX_FDIR_ID) != 0 ? "ID=0x" + Integer.toHexString(m.fdirId())
                    : String.format("hash=0x%x ID=0x%x ", m.rssHash() & 0xffff, m.rssHash() >>> 16));
        }
        if ((flags & OlFlags.RX_QINQ) != 0) {
            text.append(" - QinQ VLAN tci=0x").append(Integer.toHexString(m.vlanTci())).append(", VLAN tci outer=0x")
                    .append(Integer.toHexString(m.vlanTciOuter()));
        } else if ((flags & OlFlags.RX_VLAN) != 0) {
            text.append(" - VLAN tci=0x").append(Integer.toHexString(m.vlanTci()));
        }
        TxMarks.describe(text, app, m, rx);
        if (m.packetType() != 0) {
            text.append(" - hw ptype: ").append(PacketTypeName.of(m.packetType()));
        }
        int type = PacketType.parse(m, lengths);
        text.append(" - sw ptype: ").append(PacketTypeName.of(type));
        length(text, type & PacketType.L2_MASK, "l2_len", lengths.l2Len());
        length(text, type & PacketType.L3_MASK, "l3_len", lengths.l3Len());
        length(text, type & PacketType.L4_MASK, "l4_len", lengths.l4Len());
        length(text, type & PacketType.TUNNEL_MASK, "tunnel_len", lengths.tunnelLen());
        length(text, type & PacketType.INNER_L2_MASK, "inner_l2_len", lengths.innerL2Len() - lengths.l4Len() - lengths.tunnelLen());
        length(text, type & PacketType.INNER_L3_MASK, "inner_l3_len", lengths.innerL3Len());
        length(text, type & PacketType.INNER_L4_MASK, "inner_l4_len", lengths.innerL4Len());
        text.append(" - ").append(rx ? "Receive" : "Send").append(" queue=0x").append(Integer.toHexString(queue)).append('\n');
        text.append("  ol_flags: ").append(rx ? OlFlagNames.rxList(flags) : OlFlagNames.txList(flags)).append('\n');
    }

    private static void length(StringBuilder text, int present, String name, int value) {
        if (present != 0) {
            text.append(" - ").append(name).append('=').append(value);
        }
    }
}
