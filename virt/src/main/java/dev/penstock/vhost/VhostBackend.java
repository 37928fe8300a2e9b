package dev.penstock.vhost;

import dev.penstock.linux.Epoll;
import dev.penstock.linux.EventFd;
import dev.penstock.linux.Fd;
import dev.penstock.linux.LinuxException;
import dev.penstock.linux.LocalListener;
import dev.penstock.linux.Sockaddr;
import dev.penstock.linux.Socket;
import dev.penstock.linux.Unfinished;
import dev.penstock.threads.Uninterrupted;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/**
 * A network device for a virtual machine or a container: the back end of vhost-user, listening or connecting, again and
 * again until it is closed (DPDK: the vhost library). A control thread of its own speaks with the front end; packets pass
 * through its {@link #vring queues}, polled by others.
 *
 * <p>A front end may write what it likes: what makes no sense is refused, counted by {@link #refused} and told in one line,
 * and then the connection ends, unless the front end asked for an answer, which then is an error.
 */
public final class VhostBackend implements AutoCloseable {
    static final int TIMEOUT_MS = 2000;
    private static final int RETRY_MS = 100;
    private static final int WAKE = -1;
    private static final int LISTEN = -2;
    private static final int PEER = -3;
    private static final int IOTLB_MISS_BYTES = 32;

    private final VhostConfig config;
    private final VhostListener listener;
    private final EventFd wake;
    private final Epoll epoll;
    private final Vring[] vrings;
    private final EventFd[] interrupts;
    private final VhostDevice device;
    private final VhostMessage message = new VhostMessage();
    private final VhostMessage question = new VhostMessage();
    private final long[] refused = new long[Refusal.values().length];
    private final EnumSet<Refusal> told = EnumSet.noneOf(Refusal.class);
    private final LocalListener server;
    private final Thread thread;
    private Socket peer;
    private volatile boolean up;
    private volatile boolean kicks;
    private volatile boolean closing;
    private volatile long connections;

    /**
     * Makes a back end and, unless it is a client, its socket. Nothing happens before {@link #start}.
     *
     * @param config what it is to be
     * @param listener told of what happens
     * @throws LinuxException when the socket, or the file for its state, can't be made
     * @throws IllegalArgumentException when another process listens there, or a file is there that is no socket
     */
    public VhostBackend(VhostConfig config, VhostListener listener) {
        this.config = config;
        this.listener = listener;
        vrings = new Vring[2 * config.queuePairs()];
        interrupts = new EventFd[config.queuePairs()];
        try (Unfinished made = new Unfinished()) {
            made.with(message);
            made.with(question);
            wake = made.with(new EventFd());
            epoll = made.with(new Epoll(16));
            epoll.add(wake.fd(), Epoll.EPOLLIN, WAKE);
            for (int i = 0; i < interrupts.length; i++) {
                interrupts[i] = made.with(new EventFd());
            }
            for (int i = 0; i < vrings.length; i++) {
                vrings[i] = new Vring(wake);
            }
            VhostDevice first = new VhostDevice(config, listener, vrings);
            made.with(first::close);
            device = first;
            if (config.client()) {
                server = null;
            } else {
                server = made.with(LocalListener.open(config.path(), Socket.SOCK_STREAM, 1));
                epoll.add(server.socket().fd(), Epoll.EPOLLIN, LISTEN);
            }
            made.finished();
        }
        thread = Thread.ofPlatform().name("vhost-" + Path.of(config.path()).getFileName()).daemon().unstarted(this::loop);
    }

    /** Begins to wait for front ends. */
    public void start() {
        thread.start();
    }

    /**
     * One of the queues.
     *
     * @param index even: what the front end receives; odd: what it sends
     * @return the queue, the same as long as this lives
     */
    public Vring vring(int index) {
        return vrings[index];
    }

    /**
     * A descriptor that becomes readable when the front end has kicked a queue in which it sends.
     *
     * @param pair the queue's pair
     * @return the descriptor, of an eventfd whose count the sleeper takes
     */
    public EventFd interruptFd(int pair) {
        if (!kicks) {
            kicks = true;
            wake.signal();
        }
        return interrupts[pair];
    }

    /** @return whether the first pair of queues runs */
    public boolean isUp() {
        return up;
    }

    /**
     * How often something of a front end's was refused.
     *
     * @param why the reason
     * @return the count since this was made
     */
    public long refused(Refusal why) {
        return refused[why.ordinal()];
    }

    /** @return front ends that have connected since this was made */
    public long connections() {
        return connections;
    }

    private void loop() {
        while (!closing) {
            try {
                if (config.client() && peer == null) {
                    connect();
                }
                int n = epoll.await(config.client() && peer == null ? RETRY_MS : -1);
                for (int i = 0; i < n; i++) {
                    event((int) epoll.data(i));
                }
            } catch (VhostException e) {
                refuse(e.why(), e.getMessage());
                disconnect();
            } catch (InternalError e) {
                refuse(Refusal.MEMORY_GONE, "the front end cut the file of its memory");
                disconnect();
            } catch (RuntimeException e) {
                listener.say("the connection ends: " + e.getMessage());
                disconnect();
            }
        }
        disconnect();
    }

    private void event(int what) {
        if (what == WAKE) {
            wake.take();
            faults();
            ask();
            watchKicks();
        } else if (what == LISTEN) {
            accept();
        } else if (what == PEER) {
            converse();
        } else if (vrings[2 * what + 1].setup.kick != null) {
            vrings[2 * what + 1].setup.kick.take();
            interrupts[what].signal();
        }
    }

    private void connect() {
        Socket socket = Socket.open(Socket.AF_UNIX, Socket.SOCK_STREAM, 0);
        try {
            // a front end that takes nobody up has a full queue after a few, and who closes this would wait with us
            socket.timeoutMs(TIMEOUT_MS);
            socket.connect(Sockaddr.unix(config.path()));
        } catch (LinuxException e) {
            socket.close();
            return;
        }
        greet(socket);
    }

    private void accept() {
        if (peer != null && peer.fd().poll(Epoll.EPOLLRDHUP, 0) > 0) {
            // it has gone, and its last messages are still to be read; the next one waits so long
            converse();
            return;
        }
        Socket socket = server.socket().accept(listener::say);
        if (socket == null) {
            return;
        }
        if (peer != null) {
            socket.close();
            refuse(Refusal.SECOND_PEER, "a second front end is turned away while one is connected");
            return;
        }
        socket.timeoutMs(TIMEOUT_MS);
        greet(socket);
    }

    private void greet(Socket socket) {
        peer = socket;
        connections++;
        told.clear();
        device.peer(socket.peerCredentials().pid());
        epoll.add(socket.fd(), Epoll.EPOLLIN | Epoll.EPOLLRDHUP, PEER);
        listener.say("front end connected on " + config.path());
    }

    private void converse() {
        if (peer == null) {
            return;
        }
        if (!message.receive(peer)) {
            listener.say("front end has gone from " + config.path());
            disconnect();
            return;
        }
        int request = message.request();
        boolean wantsAck = (message.flags() & VhostMessage.NEED_REPLY) != 0;
        List<Fd> answer = new ArrayList<>();
        try {
            int size = act(wantsAck, answer);
            device.takeLost().forEach(e -> refuse(e.why(), e.getMessage()));
            if (size >= 0) {
                message.send(peer, request, VhostMessage.REPLY, size, answer);
            }
        } finally {
            answer.forEach(Fd::close);
        }
        ask();
        watchKicks();
        tell();
    }

    /** Acts on the message while no queue is polled; an error becomes an answer where one was asked for. */
    private int act(boolean wantsAck, List<Fd> answer) {
        int size;
        long result = 0;
        for (Vring vring : vrings) {
            vring.enter();
        }
        try {
            size = device.handle(message, answer);
        } catch (VhostException e) {
            if (!wantsAck || !device.acknowledges()) {
                throw e;
            }
            refuse(e.why(), e.getMessage());
            size = -1;
            result = 1;
        } finally {
            for (Vring vring : vrings) {
                vring.exit();
            }
        }
        if (size < 0 && wantsAck && device.acknowledges()) {
            message.payload().set(ValueLayout.JAVA_LONG, 0, result);
            return Long.BYTES;
        }
        return size;
    }

    private void refuse(Refusal why, String what) {
        refused[why.ordinal()]++;
        if (told.add(why)) {
            listener.say(what + "; further ones are counted as " + why.counter());
        }
    }

    /** A queue whose memory vanished takes the connection with it. */
    private void faults() {
        boolean any = false;
        for (Vring vring : vrings) {
            any |= vring.takeFault();
        }
        if (any) {
            refuse(Refusal.MEMORY_GONE, "the front end cut the file of its memory");
            disconnect();
        }
    }

    /** Asks the front end for addresses that the IOTLB does not have. */
    private void ask() {
        Socket to = device.requests();
        for (VhostDevice.Miss miss : device.takeMisses()) {
            if (to != null) {
                question.payload().fill((byte) 0);
                question.payload().set(ValueLayout.JAVA_LONG, 0, miss.address());
                question.payload().set(ValueLayout.JAVA_BYTE, 24, (byte) miss.permission());
                question.payload().set(ValueLayout.JAVA_BYTE, 25, (byte) Iotlb.MISS);
                // the socket is the front end's, which can take its time limit away
                question.sendNow(to, 1, IOTLB_MISS_BYTES);
            }
        }
    }

    private void watchKicks() {
        for (int i = 0; i < interrupts.length && kicks; i++) {
            Vring vring = vrings[2 * i + 1];
            VringSetup setup = vring.setup;
            boolean unwatched = setup.kick != null && setup.watcher == null;
            if (unwatched) {
                epoll.add(setup.kick.fd(), Epoll.EPOLLIN, i);
                setup.watcher = epoll;
            }
            // for what was there before, of which no kick tells
            if (vring.takeBegun() || unwatched) {
                interrupts[i].signal();
            }
        }
    }

    private void tell() {
        boolean now = vrings[0].isRunning() && vrings[1].isRunning();
        if (now != up) {
            up = now;
            listener.linkChanged(now);
        }
    }

    private void disconnect() {
        for (Vring vring : vrings) {
            vring.enter();
        }
        try {
            device.clear();
        } finally {
            for (Vring vring : vrings) {
                vring.takeFault();
                vring.exit();
            }
        }
        // of a message that was refused before anybody took them
        message.takeFds().forEach(Fd::close);
        if (peer != null) {
            peer.close();
            peer = null;
        }
        tell();
    }

    /** Ends the connection and gives everything back; no queue may be polled any more. */
    @Override
    public void close() {
        closing = true;
        wake.signal();
        Uninterrupted.join(thread);
        if (server != null) {
            server.close();
        }
        device.close();
        for (EventFd fd : interrupts) {
            fd.close();
        }
        wake.close();
        epoll.close();
        message.close();
        question.close();
    }
}
