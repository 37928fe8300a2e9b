package dev.penstock.flow;

import dev.penstock.acl.Acl;
import dev.penstock.ethdev.Port;
import dev.penstock.ethdev.RxCallback;
import dev.penstock.mbuf.Mbuf;
import dev.penstock.mbuf.OlFlags;

/** Does what rules say with the packets of one queue, in the thread that polls it. */
final class FlowEngine implements RxCallback {
    private static final int BURST = 32;

    private final Flows flows;
    private final byte[] keys = new byte[BURST * FlowKey.LENGTH];
    private final byte[] one = new byte[FlowKey.LENGTH];
    private final int[] numbers = new int[BURST];
    private final int[] next = new int[1];
    private long drops;

    FlowEngine(Flows flows) {
        this.flows = flows;
    }

    /** Packets that rules dropped. */
    long drops() {
        return drops;
    }

    @Override
    public int received(Port port, int queue, Mbuf[] packets, int n, int max) {
        FlowProgram program = flows.program();
        Acl first = program.first();
        if (first == null) {
            return n;
        }
        int kept = 0;
        for (int done = 0; done < n; done += BURST) {
            int burst = Math.min(BURST, n - done);
            for (int i = 0; i < burst; i++) {
                FlowKey.write(packets[done + i], keys, i * FlowKey.LENGTH);
            }
            first.classify(keys, FlowKey.LENGTH, burst, 1, numbers);
            for (int i = 0; i < burst; i++) {
                Mbuf packet = packets[done + i];
                if (numbers[i] == Acl.NO_MATCH || run(program, numbers[i], packet, i * FlowKey.LENGTH, queue)) {
                    packets[kept++] = packet;
                } else {
                    drops++;
                    packet.free();
                }
            }
        }
        return kept;
    }

    /** Does one flow's actions, and those of flows it jumps to; false when the packet is to be dropped. */
    private boolean run(FlowProgram program, int first, Mbuf packet, int key, int queue) {
        int number = first;
        while (number != Acl.NO_MATCH) {
            Flow flow = program.flow(number);
            FlowAction[] actions = flow.actions();
            for (FlowAction action : actions) {
                if (action.type() == FlowAction.Type.DROP) {
                    return false;
                }
                act(flow, action, packet, key, queue);
            }
            number = program.jump(number) == null ? Acl.NO_MATCH : jump(program.jump(number), key);
        }
        return true;
    }

    /** Looks for a rule in another group; what actions have changed meanwhile does not count. */
    private int jump(Acl group, int key) {
        System.arraycopy(keys, key, one, 0, FlowKey.LENGTH);
        group.classify(one, FlowKey.LENGTH, 1, 1, next);
        return next[0];
    }

    private void act(Flow flow, FlowAction action, Mbuf packet, int key, int queue) {
        switch (action.type()) {
            case COUNT -> flow.count(queue, packet.pktLen());
            case MARK -> {
                packet.fdirId((int) action.value());
                packet.olFlags(packet.olFlags() | OlFlags.RX_FDIR | OlFlags.RX_FDIR_ID);
            }
            case FLAG -> packet.olFlags(packet.olFlags() | OlFlags.RX_FDIR);
            case DROP, QUEUE, JUMP, PASSTHRU -> { }
            default -> FlowEdit.edit(action, packet, FlowKey.headers(keys, key), FlowKey.l3(keys, key), FlowKey.l4(keys, key));
        }
    }
}
