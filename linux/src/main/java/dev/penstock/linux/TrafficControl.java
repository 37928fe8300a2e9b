package dev.penstock.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Redirects what an interface receives to another one, before the network stack sees it: what
 * {@code tc filter ... u32 match u32 0 0 action mirred egress redirect dev X} does (tc-u32(8), tc-mirred(8)).
 * For interfaces of the network namespace of the thread that makes this.
 */
public final class TrafficControl implements AutoCloseable {
    private static final int RTM_NEWQDISC = 36;
    private static final int RTM_DELQDISC = 37;
    private static final int RTM_NEWTFILTER = 44;
    private static final int RTM_DELTFILTER = 45;
    private static final int TCMSG_BYTES = 20;
    private static final int TC_H_INGRESS = 0xfffffff1;
    private static final int INGRESS_HANDLE = 0xffff0000;
    /** Where filters of received frames stand, whether the discipline is {@code ingress} or somebody's {@code clsact}. */
    private static final int INGRESS_FILTERS = 0xfffffff2;
    private static final int TCA_KIND = 1;
    private static final int TCA_OPTIONS = 2;
    private static final int TCA_U32_SEL = 5;
    private static final int TCA_U32_ACT = 7;
    private static final int TC_U32_TERMINAL = 1;
    private static final int TCA_MIRRED_PARMS = 2;
    private static final int TC_ACT_STOLEN = 4;
    private static final int TCA_EGRESS_REDIR = 1;
    /** Marks filters of this class, so that left-overs of a killed process are found. */
    private static final int PRIORITY = 0x5053;
    private static final int ETH_P_ALL = 3;

    private final NetlinkSocket socket = new NetlinkSocket(0);

    /** Opens the way to the kernel. */
    public TrafficControl() {}

    /**
     * Sends everything that one interface receives out of another, in place of a redirection made here before.
     *
     * @param from the receiving interface's index
     * @param to the sending interface's index
     * @return whether the interface had no ingress discipline and was given one
     * @throws LinuxException {@link Errno#ENOENT} if the kernel was built without u32 or mirred
     */
    public boolean redirect(int from, int to) {
        boolean made = addIngress(from);
        try {
            addFilter(from, to);
        } catch (LinuxException e) {
            if (made) {
                deleteIngress(from);
            }
            throw e;
        }
        return made;
    }

    private void addFilter(int from, int to) {
        deleteFilter(from);
        NetlinkMessage m = begin(RTM_NEWTFILTER, NetlinkMessage.F_CREATE | NetlinkMessage.F_EXCL, from, 0, INGRESS_FILTERS,
                filterInfo());
        m.attribute(TCA_KIND, "u32");
        int options = m.nest(TCA_OPTIONS);
        byte[] selector = new byte[32];
        selector[0] = TC_U32_TERMINAL;
        // one key whose mask is 0 matches everything
        selector[2] = 1;
        m.attribute(TCA_U32_SEL, selector);
        int actions = m.nest(TCA_U32_ACT);
        int first = m.nest(1);
        m.attribute(TCA_KIND, "mirred");
        int mirred = m.nest(TCA_OPTIONS);
        m.attribute(TCA_MIRRED_PARMS, parameters(to));
        m.end(mirred);
        m.end(first);
        m.end(actions);
        m.end(options);
        send("redirect from interface " + from + " to " + to);
    }

    /**
     * Ends a redirection.
     *
     * @param from the receiving interface's index
     * @param ingress whether to take away the ingress discipline too
     */
    public void end(int from, boolean ingress) {
        deleteFilter(from);
        if (ingress) {
            deleteIngress(from);
        }
    }

    private void deleteIngress(int index) {
        begin(RTM_DELQDISC, 0, index, INGRESS_HANDLE, TC_H_INGRESS, 0);
        send("remove the ingress discipline of interface " + index);
    }

    private boolean addIngress(int index) {
        NetlinkMessage m = begin(RTM_NEWQDISC, NetlinkMessage.F_CREATE | NetlinkMessage.F_EXCL, index, INGRESS_HANDLE,
                TC_H_INGRESS, 0);
        m.attribute(TCA_KIND, "ingress");
        try {
            send("add an ingress discipline to interface " + index);
            return true;
        } catch (LinuxException e) {
            if (e.errno() == Errno.EEXIST) {
                return false;
            }
            throw e;
        }
    }

    private void deleteFilter(int index) {
        begin(RTM_DELTFILTER, 0, index, 0, INGRESS_FILTERS, filterInfo());
        try {
            send("remove the redirection of interface " + index);
        } catch (LinuxException e) {
            // there was none
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.EINVAL) {
                throw e;
            }
        }
    }

    private NetlinkMessage begin(int type, int flags, int index, int handle, int parent, int info) {
        NetlinkMessage m = socket.request();
        int at = m.begin(type, flags | NetlinkMessage.F_ACK, TCMSG_BYTES);
        m.putInt(at + 4, index);
        m.putInt(at + 8, handle);
        m.putInt(at + 12, parent);
        m.putInt(at + 16, info);
        return m;
    }

    private static int filterInfo() {
        short protocol = (short) ETH_P_ALL;
        return PRIORITY << 16
                | (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? Short.reverseBytes(protocol) : protocol) & 0xffff;
    }

    /** struct tc_mirred: index, capab, action, refcnt, bindcnt, eaction, ifindex. */
    private static byte[] parameters(int to) {
        return ByteBuffer.allocate(28).order(ByteOrder.nativeOrder())
                .putInt(8, TC_ACT_STOLEN).putInt(20, TCA_EGRESS_REDIR).putInt(24, to).array();
    }

    private void send(String what) {
        socket.exchange(what, message -> {});
    }

    @Override
    public void close() {
        socket.close();
    }
}
