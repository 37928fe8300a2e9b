/** Virtqueues: how a virtual machine and a device in a process hand packets to each other. */
module dev.penstock.virt {
    requires transitive dev.penstock.core;

    exports dev.penstock.vhost;
    exports dev.penstock.virtqueue;
}
