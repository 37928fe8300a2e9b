/** {@code penstock doctor}: what this machine can do, and the command that mends each lack. */
package dev.penstock.apps.doctor;
