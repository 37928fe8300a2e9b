package dev.penstock.apps.testpmd;

import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.TxCallback;
import dev.penstock.mbuf.DynamicFields;
import dev.penstock.mbuf.Mbuf;

/** Puts a port's metadata and dynamic flags on the packets that it sends: {@code port config N tx_metadata V}, {@code dynf}. */
final class TxMarks implements TxCallback {
    private static final String METADATA_FIELD = "rte_flow_dynfield_metadata";
    private static final String METADATA_FLAG = "rte_flow_dynflag_metadata";

    private final DynamicFields fields;
    private DynamicFields.Field field;
    private long metadataFlag;
    private int metadata;
    private long flags;

    private TxMarks(DynamicFields fields) {
        this.fields = fields;
    }

    static TxMarks of(Testpmd app, PortSettings own) {
        own.marks = own.marks == null ? new TxMarks(app.dynamicFields) : own.marks;
        return own.marks;
    }

    /** Adds what is wanted to a port that has queues and that nobody polls, or takes it away. */
    static void attach(Port port, PortSettings own) {
        for (int q = 0; own.marks != null && q < port.config().txQueues(); q++) {
            if (port.txQueueConfig(q) != null) {
                port.removeTxCallback(q, own.marks);
                if (own.marks.metadata != 0 || own.marks.flags != 0) {
                    port.addTxCallback(q, own.marks);
                }
            }
        }
    }

    void metadata(int value) {
        metadata = value;
        field = fields.register(METADATA_FIELD, Integer.BYTES, Integer.BYTES);
        metadataFlag = fields.registerFlag(METADATA_FLAG);
    }

    int metadata() {
        return metadata;
    }

    void flag(long flag, boolean set) {
        flags = set ? flags | flag : flags & ~flag;
    }

    @Override
    public int transmitting(Port port, int queue, Mbuf[] packets, int from, int n) {
        for (int i = from; i < from + n; i++) {
            Mbuf m = packets[i];
            long more = flags;
            if (metadata != 0 && m.pool().dynamicFields() == fields) {
                m.dynInt(field, metadata);
                more |= metadataFlag;
            }
            m.olFlags(m.olFlags() | more);
        }
        return n;
    }

    /** Adds what a packet carries to what is printed of it. */
    static void describe(StringBuilder text, Testpmd app, Mbuf m, boolean rx) {
        long flag = app.dynamicFields.lookupFlag(METADATA_FLAG);
        if (!rx && (m.olFlags() & flag) != 0 && m.pool().dynamicFields() == app.dynamicFields) {
            text.append(" - Tx metadata: 0x").append(Integer.toHexString(m.dynInt(app.dynamicFields.lookup(METADATA_FIELD))));
        }
        app.dynamicFlags.forEach((bit, name) -> text.append(" - dynf ").append(name).append(": ")
                .append((m.olFlags() & bit) != 0 ? 1 : 0));
    }
}
