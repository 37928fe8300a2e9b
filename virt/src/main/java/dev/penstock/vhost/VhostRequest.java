package dev.penstock.vhost;

/** Requests of a front end and what goes with them (the vhost-user specification of QEMU, "Front-end message types"). */
public final class VhostRequest {
    /** Asks for the features. */
    public static final int GET_FEATURES = 1;
    /** Sets the features. */
    public static final int SET_FEATURES = 2;
    /** Begins a session. */
    public static final int SET_OWNER = 3;
    /** Ends a session; what remains of an older protocol. */
    public static final int RESET_OWNER = 4;
    /** Sets the memory table, with a descriptor a region. */
    public static final int SET_MEM_TABLE = 5;
    /** Sets the dirty log. */
    public static final int SET_LOG_BASE = 6;
    /** Sets what signals that the dirty log has news. */
    public static final int SET_LOG_FD = 7;
    /** Sets a queue's size. */
    public static final int SET_VRING_NUM = 8;
    /** Sets where a queue's parts are. */
    public static final int SET_VRING_ADDR = 9;
    /** Sets where a queue begins. */
    public static final int SET_VRING_BASE = 10;
    /** Stops a queue and asks where it stands. */
    public static final int GET_VRING_BASE = 11;
    /** Sets a queue's kick, and starts it. */
    public static final int SET_VRING_KICK = 12;
    /** Sets a queue's call. */
    public static final int SET_VRING_CALL = 13;
    /** Sets what signals a queue's errors. */
    public static final int SET_VRING_ERR = 14;
    /** Asks for the protocol features. */
    public static final int GET_PROTOCOL_FEATURES = 15;
    /** Sets the protocol features. */
    public static final int SET_PROTOCOL_FEATURES = 16;
    /** Asks how many queues there can be. */
    public static final int GET_QUEUE_NUM = 17;
    /** Enables or disables a queue. */
    public static final int SET_VRING_ENABLE = 18;
    /** Has announcements sent for a guest that has moved. */
    public static final int SEND_RARP = 19;
    /** Tells the MTU. */
    public static final int NET_SET_MTU = 20;
    /** Sets the socket on which the back end may ask. */
    public static final int SET_BACKEND_REQ_FD = 21;
    /** Changes the IOTLB. */
    public static final int IOTLB_MSG = 22;
    /** Asks for the configuration space. */
    public static final int GET_CONFIG = 24;
    /** Writes the configuration space. */
    public static final int SET_CONFIG = 25;
    /** Announces post-copy migration. */
    public static final int POSTCOPY_ADVISE = 28;
    /** Begins to listen for faults. */
    public static final int POSTCOPY_LISTEN = 29;
    /** Ends post-copy migration. */
    public static final int POSTCOPY_END = 30;
    /** Asks for the memory of buffers in flight. */
    public static final int GET_INFLIGHT_FD = 31;
    /** Gives the memory of buffers in flight back. */
    public static final int SET_INFLIGHT_FD = 32;
    /** Puts the device back to its beginning. */
    public static final int RESET_DEVICE = 34;
    /** Asks how many memory slots there are. */
    public static final int GET_MAX_MEM_SLOTS = 36;
    /** Adds a memory region. */
    public static final int ADD_MEM_REG = 37;
    /** Removes a memory region. */
    public static final int REM_MEM_REG = 38;
    /** Sets the device's status. */
    public static final int SET_STATUS = 39;
    /** Asks for the device's status. */
    public static final int GET_STATUS = 40;

    /** Protocol feature: several queues. */
    public static final long PROTOCOL_MQ = 1L << 0;
    /** Protocol feature: the dirty log is shared memory. */
    public static final long PROTOCOL_LOG_SHMFD = 1L << 1;
    /** Protocol feature: announcements. */
    public static final long PROTOCOL_RARP = 1L << 2;
    /** Protocol feature: an answer to each request that asks for one. */
    public static final long PROTOCOL_REPLY_ACK = 1L << 3;
    /** Protocol feature: the MTU. */
    public static final long PROTOCOL_MTU = 1L << 4;
    /** Protocol feature: the back end may ask. */
    public static final long PROTOCOL_BACKEND_REQ = 1L << 5;
    /** Protocol feature: post-copy migration. */
    public static final long PROTOCOL_PAGEFAULT = 1L << 8;
    /** Protocol feature: a configuration space. */
    public static final long PROTOCOL_CONFIG = 1L << 9;
    /** Protocol feature: the back end may send descriptors. */
    public static final long PROTOCOL_BACKEND_SEND_FD = 1L << 10;
    /** Protocol feature: memory of buffers in flight. */
    public static final long PROTOCOL_INFLIGHT_SHMFD = 1L << 12;
    /** Protocol feature: memory regions one by one. */
    public static final long PROTOCOL_CONFIGURE_MEM_SLOTS = 1L << 15;
    /** Protocol feature: the device can be put back to its beginning. */
    public static final long PROTOCOL_RESET_DEVICE = 1L << 13;
    /** Protocol feature: the device's status. */
    public static final long PROTOCOL_STATUS = 1L << 16;

    private VhostRequest() {}
}
