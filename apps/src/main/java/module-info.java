/** The launcher and its programs. */
module dev.penstock.apps {
    requires dev.penstock.linux;
    requires dev.penstock.core;
    requires dev.penstock.drivers;
    requires info.picocli;

    opens dev.penstock.apps to info.picocli;
}
