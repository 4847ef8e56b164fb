import Posix
import SystemPackage
import Testing

@testable import Proxies

@Suite struct NetworkHintsTests {
  /// 2026-11-23T06:00:00Z
  private static let now: Int64 = 1_795_413_600

  private static let networkd = """
    # This is private data. Do not parse.
    ADDRESS=192.168.1.10
    DOMAINNAME=site.example.com
    DOMAIN_SEARCH_LIST=lab.example.com example.org
    OPTION_252=687474703a2f2f777061642e736974652f702e7061630a00
    """

  @Test func readsWhatNetworkdWrites() {
    let lease = DHCPLease(networkd: Array(Self.networkd.utf8))
    #expect(lease.script == "http://wpad.site/p.pac")
    #expect(lease.domains == ["site.example.com", "lab.example.com", "example.org"])
  }

  @Test(arguments: ["OPTION_252=6", "OPTION_252=zz", "OPTION_252=", "OPTION_252=000a", "OPTION_252=ff", "OPTION_25=61"])
  func whatCannotBeReadIsAbsent(_ line: String) {
    #expect(DHCPLease(networkd: Array(line.utf8)) == DHCPLease())
  }

  private static func lease(_ interface: String, _ body: String) -> String {
    "lease {\n  interface \"\(interface)\";\n  fixed-address 10.0.2.15;\n  \(body)\n}\n"
  }

  @Test(
    arguments: [
      (#"option wpad "http://w/p.pac";"#, "http://w/p.pac"),
      (#"option unknown-252 "http://w/p.pac\012\000";"#, "http://w/p.pac"),
      ("option unknown-252 68:74:74:70:3a:2f:2f:77:2f;", "http://w/"),
      (#"option local-proxy-config "http://w/\"";"#, "http://w/\""),
      (#"option wpad "http://w/"; expire 4 2026/11/26 10:00:00;"#, "http://w/"),
      (#"option wpad "http://w/"; expire 1 2026/11/23 05:59:59;"#, nil),
      (#"option wpad "http://w/"; expire epoch 1795413601;"#, "http://w/"),
      (#"option wpad "http://w/"; expire epoch 1795413600;"#, nil),
      (#"option wpad "http://w/"; expire never;"#, "http://w/"),
      (#"option wpad "";"#, nil), ("option wpad;", nil), (#"alias { option wpad "http://w/"; };"#, nil),
      (#"# option wpad "http://w/";"#, nil),
    ] as [(String, String?)])
  func readsWhatDhclientWrites(_ body: String, _ script: String?) {
    let leases = DHCPLease.dhclient(Array(Self.lease("eth0", body).utf8), now: Self.now)
    #expect(leases.compactMap(\.script) == (script.map { [$0] } ?? []))
  }

  @Test func theLastLeaseOfAnInterfaceCounts() {
    let text =
      Self.lease("eth0", #"option wpad "http://old/";"#) + Self.lease("eth1", #"option wpad "http://other/";"#)
      + Self.lease(
        "eth0", #"option domain-name "a.example.com"; option domain-search "b.example.com", "c.example.com";"#)
    let leases = DHCPLease.dhclient(Array(text.utf8), now: Self.now)
    #expect(
      leases == [
        DHCPLease(script: "http://other/"),
        DHCPLease(domains: ["a.example.com", "b.example.com", "c.example.com"]),
      ])
    let expired = text + Self.lease("eth0", "expire 1 2026/11/22 00:00:00;")
    #expect(DHCPLease.dhclient(Array(expired.utf8), now: Self.now) == [DHCPLease(script: "http://other/")])
  }

  /// `wpad` in a domain of one label, or of none, would be whoever holds that name in the world.
  @Test func noDomainIsAskedThatIsNotSetOrIsTooShort() {
    let leases = [
      DHCPLease(domains: [".Site.Example.com.", "com", "local", "10.0.0.1", "a..b", "bad/one.example", "x.y"])
    ]
    #expect(
      NetworkHints(leases, searching: ["lab.example.com", "x.y"]).domains == [
        "lab.example.com", "x.y", "site.example.com",
      ])
  }

  @Test func theLastSearchLineCounts() {
    let text =
      "search a.example\nnameserver 10.0.0.1\n# search no.example\ndomain\tb.example\r\nsearch c.example  d.example\n"
    #expect(NetworkHints.searchDomains(Array(text.utf8)) == ["c.example", "d.example"])
    #expect(NetworkHints.searchDomains([]) == [])
  }

  @Test func everyFileOfAMachineIsLookedAt() throws {
    let scratch = try Scratch()
    try scratch.write(Self.networkd, "run/systemd/netif/leases/2")
    try scratch.write(Self.lease("eth0", #"option wpad "http://d/";"#), "var/lib/dhcp/dhclient.eth0.leases")
    try scratch.write(Self.lease("eth0", #"option wpad "http://no/";"#), "var/lib/dhcp/other")
    try scratch.write(Self.lease("eth1", #"option wpad "http://n/";"#), "run/NetworkManager/dhclient-1-eth1.lease")
    try scratch.write("OPTION_252=687474703a2f2f692f", "var/lib/NetworkManager/internal-1-eth2.lease")
    try scratch.write("search lab.example.com\n", "run/resolver")
    try scratch.link("etc/resolv.conf", to: "../run/resolver")
    let hints = NetworkHints.gathered(root: scratch.path, now: Self.now)
    #expect(hints.scripts == ["http://wpad.site/p.pac", "http://d/", "http://n/"])
    #expect(hints.domains == ["lab.example.com", "site.example.com", "example.org"])
    #expect(NetworkHints.gathered(root: scratch.path.appending("none"), now: Self.now) == NetworkHints())
  }
}
