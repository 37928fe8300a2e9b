package dev.penstock.apps.overheads;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/** The frame of every row: UDP over IPv4, 60 bytes and the 4 of the check sequence, with the time of sending within. */
final class Frame {
    static final int BYTES = 60;
    static final int TYPE = 12;
    static final int PROTOCOL = 23;
    static final int IP_SOURCE = 26;
    static final int IP_DESTINATION = 30;
    static final int TIME = 42;

    private static final int IP = 14;
    private static final int UDP = 34;

    private Frame() {}

    static byte[] of(byte[] toMac, byte[] fromMac) throws UnknownHostException {
        ByteBuffer b = ByteBuffer.allocate(BYTES);
        b.put(toMac).put(fromMac).putShort((short) 0x800);
        b.putShort((short) 0x4500).putShort((short) (BYTES - IP)).putInt(0x4000).put((byte) 64).put((byte) 17).putShort((short) 0);
        b.put(InetAddress.getByName(Wire.WORLD).getAddress()).put(InetAddress.getByName(Wire.TEST).getAddress());
        int sum = 0;
        for (int i = IP; i < UDP; i += 2) {
            sum += b.getShort(i) & 0xffff;
        }
        b.putShort(IP + 10, (short) ~(sum % 0xffff));
        b.putShort((short) Wire.PORT).putShort((short) Wire.PORT).putShort((short) (BYTES - UDP));
        return b.array();
    }
}
