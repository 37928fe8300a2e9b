package dev.penstock.vswitch;

import dev.penstock.mbuf.Mbuf;
import dev.penstock.net.EtherType;
import dev.penstock.net.Ethernet;
import dev.penstock.net.IpProtocol;
import dev.penstock.net.Ipv4;
import dev.penstock.net.Ipv6;
import dev.penstock.net.Ipv6Extensions;
import dev.penstock.net.Vlan;
import java.util.Arrays;
import java.util.List;

/**
 * Rules in order: the first that fits a packet decides; one that no rule fits passes. A packet that says it is IP and is not
 * well formed fits no rule that looks at IP, but every deny rule that does. What is behind a VLAN tag that the packet's first
 * segment has not as a whole can't be seen, so it fits no rule that looks there, but every deny rule that does.
 */
public final class AccessList {
    private final AccessRule[] rules;

    /**
     * A list.
     *
     * @param rules in order
     */
    public AccessList(List<AccessRule> rules) {
        this.rules = rules.toArray(AccessRule[]::new);
    }

    /** The rules as a configuration has them, in order. */
    List<String> texts() {
        return Arrays.stream(rules).map(AccessRule::text).toList();
    }

    /** Header fields of one packet, read once for all rules. Of one thread. */
    static final class Fields {
        long srcMac;
        long dstMac;
        int etherType;
        boolean ip;
        boolean malformed;
        /** Its last VLAN tag lies across segments. */
        boolean cut;
        boolean v4;
        long srcHigh;
        long srcLow;
        long dstHigh;
        long dstLow;
        int protocol;
        boolean ports;
        int srcPort;
        int dstPort;

        void read(Mbuf m) {
            dstMac = Ethernet.dst(m, 0);
            srcMac = Ethernet.src(m, 0);
            etherType = Ethernet.etherType(m, 0);
            int at = Ethernet.LENGTH;
            while (Vlan.isTag(etherType) && Vlan.check(m, at) >= 0) {
                etherType = Vlan.etherType(m, at);
                at += Vlan.LENGTH;
            }
            ip = false;
            ports = false;
            cut = Vlan.isTag(etherType);
            malformed = cut;
            if (etherType == EtherType.IPV4) {
                ipv4(m, at);
            } else if (etherType == EtherType.IPV6) {
                ipv6(m, at);
            }
        }

        private void ipv4(Mbuf m, int at) {
            int length = Ipv4.check(m, at);
            if (length < 0) {
                malformed = true;
                return;
            }
            ip = true;
            v4 = true;
            srcHigh = (long) Ipv4.src(m, at) << 32;
            dstHigh = (long) Ipv4.dst(m, at) << 32;
            srcLow = 0;
            dstLow = 0;
            protocol = Ipv4.protocol(m, at);
            if ((Ipv4.fragment(m, at) & Ipv4.FRAGMENT_MASK) == 0) {
                ports(m, at + length);
            }
        }

        private void ipv6(Mbuf m, int at) {
            if (Ipv6.check(m, at) < 0) {
                malformed = true;
                return;
            }
            ip = true;
            v4 = false;
            srcHigh = Ipv6.srcHigh(m, at);
            srcLow = Ipv6.srcLow(m, at);
            dstHigh = Ipv6.dstHigh(m, at);
            dstLow = Ipv6.dstLow(m, at);
            long walked = Ipv6Extensions.walk(m, at + Ipv6.LENGTH, Ipv6.nextHeader(m, at));
            if (walked < 0) {
                ip = false;
                malformed = true;
                return;
            }
            protocol = Ipv6Extensions.protocol(walked);
            if (!Ipv6Extensions.isFragment(walked)) {
                ports(m, Ipv6Extensions.offset(walked));
            }
        }

        private void ports(Mbuf m, int at) {
            if ((protocol == IpProtocol.TCP || protocol == IpProtocol.UDP || protocol == IpProtocol.SCTP) && at + 4 <= m.dataLen()) {
                ports = true;
                srcPort = m.getShort(at) & 0xffff;
                dstPort = m.getShort(at + 2) & 0xffff;
            }
        }
    }

    /**
     * Whether a packet may pass.
     *
     * @param m at least an Ethernet header in its first segment
     * @param fields of the calling thread, overwritten
     * @return true when it may
     */
    boolean permits(Mbuf m, Fields fields) {
        fields.read(m);
        for (AccessRule rule : rules) {
            if (fits(rule, fields)) {
                return rule.permit();
            }
        }
        return true;
    }

    private static boolean fits(AccessRule rule, Fields f) {
        if (rule.srcMac() != AccessRule.ANY && rule.srcMac() != f.srcMac
                || rule.dstMac() != AccessRule.ANY && rule.dstMac() != f.dstMac
                || rule.etherType() != AccessRule.ANY && rule.etherType() != f.etherType && (rule.permit() || !f.cut)) {
            return false;
        }
        return !rule.needsIp() || (f.ip ? fitsIp(rule, f) : f.malformed && !rule.permit());
    }

    private static boolean fitsIp(AccessRule rule, Fields f) {
        if (rule.src() != null && (rule.src().isV4() != f.v4 || !rule.src().contains(f.srcHigh, f.srcLow))
                || rule.dst() != null && (rule.dst().isV4() != f.v4 || !rule.dst().contains(f.dstHigh, f.dstLow))
                || rule.protocol() != AccessRule.ANY && rule.protocol() != f.protocol) {
            return false;
        }
        if (rule.srcPorts() == null && rule.dstPorts() == null) {
            return true;
        }
        return f.ports ? (rule.srcPorts() == null || rule.srcPorts().contains(f.srcPort))
                && (rule.dstPorts() == null || rule.dstPorts().contains(f.dstPort)) : !rule.permit();
    }
}
