/** The vhost-user protocol: how a front end with the driver and a back end with the device agree over a local socket. */
package dev.penstock.vhost;
