/** {@code net_virtio_user}: the driver's side of a virtio device whose other side is a vhost-user back end. */
package dev.penstock.drivers.virtiouser;
