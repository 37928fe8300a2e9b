/**
 * Virtqueues (VIRTIO 1.2, sections 2.6 to 2.8 and 5.1): split and packed rings in memory that is shared with a
 * peer, seen from the device's side ({@link dev.penstock.virtqueue.DeviceQueue}, as a vhost back end has it) and
 * from the driver's side ({@link dev.penstock.virtqueue.DriverQueue}).
 *
 * <p>What the peer writes is hostile until checked: each field is read once, checked, then used. Whatever it writes,
 * no access leaves the memory that was shared, nothing loops, nothing throws, and each rejection has a counter.
 */
package dev.penstock.virtqueue;
