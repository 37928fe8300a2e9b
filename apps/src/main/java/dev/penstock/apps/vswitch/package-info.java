/** {@code penstock vswitch}: the virtual switch as a program, with its configuration file and prompt. */
package dev.penstock.apps.vswitch;
