/** The launcher and its commands. */
package dev.penstock.apps;
