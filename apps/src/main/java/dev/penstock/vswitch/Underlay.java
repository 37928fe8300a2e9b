package dev.penstock.vswitch;

import dev.penstock.net.Ipv4Address;

/**
 * How a host is reached by the others: the IPv4 address of its end of all tunnels.
 *
 * @param ip its address
 * @param prefixLength bits of its network, 1 to 31
 * @param gateway the next hop to other networks, 0 for none
 * @param mtu the longest IP packet that the network carries
 */
public record Underlay(int ip, int prefixLength, int gateway, int mtu) {
    /** The MTU of Ethernet. */
    public static final int DEFAULT_MTU = 1500;

    /** Checks that it can work. */
    public Underlay {
        if (ip == 0 || Ipv4Address.isMulticast(ip) || prefixLength < 1 || prefixLength > 31) {
            throw new IllegalArgumentException("no address of a host: " + Ipv4Address.format(ip) + "/" + prefixLength
                    + "; write it as 198.18.0.1/24");
        }
        if (gateway != 0 && ((gateway ^ ip) & Ipv4Address.mask(prefixLength)) != 0) {
            throw new IllegalArgumentException("the gateway " + Ipv4Address.format(gateway) + " is not in the network of "
                    + Ipv4Address.format(ip) + "/" + prefixLength);
        }
        if (mtu < 576 || mtu > 65535) {
            throw new IllegalArgumentException("an MTU of " + mtu + "; give 576 to 65535");
        }
    }

    /** Where packets to an address go first. */
    int nextHop(int remote) {
        if (((remote ^ ip) & Ipv4Address.mask(prefixLength)) == 0) {
            return remote;
        }
        if (gateway == 0) {
            throw new IllegalArgumentException(Ipv4Address.format(remote) + " is not in the network of "
                    + Ipv4Address.format(ip) + "/" + prefixLength + "; give the underlay a gateway");
        }
        return gateway;
    }
}
