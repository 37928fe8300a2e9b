package dev.penstock.apps.l3fwd;

import dev.penstock.net.Ipv4Address;
import dev.penstock.net.Ipv6Address;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * The addresses that the kernel's interfaces have, in small hash tables: packets to these are the kernel's, as are those
 * to groups and to addresses of one link. One thread refreshes them, any number ask.
 */
final class LocalAddresses {
    /** Tables with linear probing, at most half full; 0 and ANY are free places, since packets to these are never local. */
    private record Tables(int[] ipv4, long[] ipv6) {}

    private volatile Tables tables = new Tables(new int[1], new long[2]);
    private List<InetAddress> known = List.of();

    /** Looks at the interfaces anew. */
    void refresh() {
        List<InetAddress> found;
        try {
            found = NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses).toList();
        } catch (SocketException e) {
            // The one reason is that the process has no file descriptors left; the addresses stay as they were.
            return;
        }
        if (!found.equals(known)) {
            known = found;
            tables = of(found);
        }
    }

    private static Tables of(List<InetAddress> addresses) {
        int size = Integer.highestOneBit(Math.max(1, addresses.size())) * 4;
        Tables made = new Tables(new int[size], new long[2 * size]);
        for (InetAddress address : addresses) {
            ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
            if (address instanceof Inet4Address) {
                int ip = bytes.getInt();
                made.ipv4[place(made.ipv4, ip)] = ip;
            } else {
                long high = bytes.getLong();
                long low = bytes.getLong();
                int at = place(made.ipv6, high, low);
                made.ipv6[at] = high;
                made.ipv6[at + 1] = low;
            }
        }
        return made;
    }

    /** Where an address is, or the free place where its search ends. */
    private static int place(int[] table, int ip) {
        int mask = table.length - 1;
        int at = ip * 0x9e37_79b9 >>> 7 & mask;
        while (table[at] != 0 && table[at] != ip) {
            at = at + 1 & mask;
        }
        return at;
    }

    private static int place(long[] table, long high, long low) {
        int mask = table.length - 1;
        int at = ((int) ((high ^ low) * 0x9e37_79b9_7f4a_7c15L >>> 40) << 1) & mask;
        while ((table[at] | table[at + 1]) != 0 && (table[at] != high || table[at + 1] != low)) {
            at = at + 2 & mask;
        }
        return at;
    }

    /** Whether packets to an IPv4 address are the kernel's. */
    boolean has(int ip) {
        if (ip >>> 28 == 0xe || ip == -1) {
            return true;
        }
        int[] table = tables.ipv4;
        return table[place(table, ip)] == ip && ip != 0;
    }

    /** Whether packets to an IPv6 address are the kernel's. */
    boolean has(long high, long low) {
        if (Ipv6Address.isMulticast(high) || Ipv6Address.isLinkLocal(high)) {
            return true;
        }
        long[] table = tables.ipv6;
        int at = place(table, high, low);
        return (high | low) != 0 && table[at] == high && table[at + 1] == low;
    }

    @Override
    public String toString() {
        return Arrays.toString(Arrays.stream(tables.ipv4).filter(ip -> ip != 0).mapToObj(Ipv4Address::format).toArray());
    }
}
