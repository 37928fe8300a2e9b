/** The launcher and its programs. */
module dev.penstock.apps {
    requires dev.penstock.linux;
    requires dev.penstock.core;
    requires dev.penstock.drivers;
    requires info.picocli;
    requires com.fasterxml.jackson.jr.ob;
    requires jdk.management;
    requires java.management;

    opens dev.penstock.apps to info.picocli;
    opens dev.penstock.apps.doctor to info.picocli;
}
