package dev.penstock.apps.overheads;

import dev.penstock.linux.Affinity;
import dev.penstock.linux.Epoll;
import dev.penstock.linux.Errno;
import dev.penstock.linux.MessageBatch;
import dev.penstock.linux.Sockaddr;
import dev.penstock.linux.Socket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/** Sends back each datagram through a socket, in one of four ways, or each frame through a port, for ever. */
final class Echo {
    private static final int BUFFER = 2048;
    private static final int RECEIVE_BUFFER = 1 << 20;
    private static final int BATCH = 32;

    private Echo() {}

    /** Runs a way's loop. */
    static void run(Method method, int cpu) throws IOException {
        if (method.hasSocket()) {
            Affinity.pin(cpu);
        }
        switch (method) {
            case BLOCKING -> blocking();
            case EPOLL -> epoll();
            case BATCH -> batch();
            case CHANNEL -> channel();
            default -> PortEcho.run(method.testDevice(), method.emptyTurns(), cpu);
        }
    }

    private static Socket open(int flags) throws IOException {
        Socket socket = Socket.open(Socket.AF_INET, Socket.SOCK_DGRAM | flags, 0);
        socket.option(Socket.SOL_SOCKET, Socket.SO_RCVBUF, RECEIVE_BUFFER);
        socket.bind(Sockaddr.inet(InetAddress.getByName(Wire.TEST), Wire.PORT));
        return socket;
    }

    /** Takes one datagram and sends it back; false when none waited and the socket does not wait. */
    private static final class One {
        private final Socket socket;
        private final MemorySegment buffer = Arena.ofAuto().allocate(BUFFER);
        private final MemorySegment address = Arena.ofAuto().allocate(16, 8);
        private final MemorySegment length = Arena.ofAuto().allocate(4, 4);

        One(Socket socket) {
            this.socket = socket;
        }

        boolean turn() {
            length.set(ValueLayout.JAVA_INT, 0, 16);
            long n = socket.receiveFrom(buffer, 0, address, length);
            if (n == -Errno.EAGAIN) {
                return false;
            }
            if (n > 0) {
                socket.sendTo(buffer.asSlice(0, n), 0, address);
            }
            return true;
        }
    }

    private static void blocking() throws IOException {
        try (Socket socket = open(0)) {
            One one = new One(socket);
            Ready.say();
            while (one.turn()) {
                continue;
            }
        }
    }

    private static void epoll() throws IOException {
        try (Socket socket = open(Socket.SOCK_NONBLOCK); Epoll epoll = new Epoll(8)) {
            epoll.add(socket.fd(), Epoll.EPOLLIN, 0);
            One one = new One(socket);
            Ready.say();
            while (true) {
                epoll.await(-1);
                while (one.turn()) {
                    continue;
                }
            }
        }
    }

    private static void batch() throws IOException {
        MessageBatch in = new MessageBatch(BATCH);
        MessageBatch out = new MessageBatch(BATCH);
        MemorySegment[] buffers = new MemorySegment[BATCH];
        MemorySegment peer = Sockaddr.inet(InetAddress.getByName(Wire.WORLD), Wire.PORT);
        for (int i = 0; i < BATCH; i++) {
            buffers[i] = Arena.ofAuto().allocate(BUFFER);
            in.buffer(i, buffers[i]);
        }
        try (Socket socket = open(0)) {
            // with one peer, whose address need not be copied in and out
            socket.connect(peer);
            Ready.say();
            while (true) {
                int n = socket.receive(in, BATCH, 0);
                for (int i = 0; i < n; i++) {
                    out.buffer(i, buffers[i].asSlice(0, in.length(i)));
                }
                if (n > 0) {
                    socket.send(out, n, 0);
                }
            }
        }
    }

    private static void channel() throws IOException {
        try (DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET)) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
            channel.bind(new InetSocketAddress(Wire.TEST, Wire.PORT));
            ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
            Ready.say();
            while (true) {
                buffer.clear();
                var from = channel.receive(buffer);
                buffer.flip();
                channel.send(buffer, from);
            }
        }
    }
}
