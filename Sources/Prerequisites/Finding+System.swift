import Product

extension Finding {
  static func disk(_ needs: PrerequisiteNeeds, _ facts: HostFacts) -> Finding {
    guard let versions = facts.versions, let state = facts.state else {
      return fail("the free space cannot be measured", "Check that the file systems of /opt and /var are mounted.")
    }
    let demands = needs.space.demands(versions: versions, state: state)
    guard let short = demands.first(where: { !$0.isMet }) else {
      return pass(demands.map(\.description).joined(separator: "; "))
    }
    return fail(short.description, short.remedy.prefix(1).uppercased() + short.remedy.dropFirst() + ".")
  }

  static func system(_ needs: PrerequisiteNeeds, _ facts: HostFacts) -> Finding {
    if let kernel = facts.kernel, kernel < needs.kernel {
      return fail("Linux \(kernel), at least \(needs.kernel) needed", "Update the device's kernel or operating system.")
    }
    let accepted = needs.rules.os
    guard let system = facts.system else {
      guard !accepted.isEmpty else { return pass("any system is accepted") }
      return fail(
        "/etc/os-release cannot be read", "Restore it (it says which system this is); accepted: \(list(accepted)).")
    }
    let name = system.prettyName.isEmpty ? "\(system.id) \(system.versionID)" : system.prettyName
    let matches = accepted.contains {
      $0.id == system.id && ($0.versions.isEmpty || $0.versions.contains(system.versionID))
    }
    guard accepted.isEmpty || matches else {
      return fail("\(name) (\(system.id) \(system.versionID)) is not supported", "Use one of: \(list(accepted)).")
    }
    return pass(name)
  }

  static func libraries(_ needs: PrerequisiteNeeds, _ facts: HostFacts) -> Finding {
    guard let glibc = facts.glibc, glibc >= needs.glibc else {
      let found = facts.glibc.map { "glibc \($0)" } ?? "a C library that is not glibc"
      return fail(
        "\(found), glibc \(needs.glibc) or later needed", "Use a release of the operating system that has it.")
    }
    let absent = needs.libraries.filter { !facts.libraries.contains($0) }
    guard absent.isEmpty else {
      return fail(
        "cannot be loaded: \(absent.joined(separator: ", "))",
        "Install the package that has it (for libgcc_s.so.1: libgcc-s1 on Debian and Ubuntu, libgcc on Fedora and SUSE)."
      )
    }
    let wanted = facts.system.map { needs.packages(for: $0) } ?? []
    guard !wanted.isEmpty else { return pass("glibc \(glibc)") }
    guard let installed = facts.packages else {
      return notChecked(
        "no package database that can be read; needed: \(wanted.joined(separator: ", "))",
        "Make /var/lib/dpkg/status readable, or use a system that has it.")
    }
    let missing = wanted.filter { !installed.contains($0) }
    guard missing.isEmpty else {
      return fail(
        "not installed: \(missing.joined(separator: ", "))",
        "Run 'apt-get install \(missing.joined(separator: " "))', then this again.")
    }
    return pass("glibc \(glibc); \(wanted.joined(separator: ", "))")
  }

  static func services(_ needs: PrerequisiteNeeds, _ facts: HostFacts) -> Finding {
    guard let minimum = needs.systemd else { return pass("no service manager is needed here") }
    guard facts.systemdRuns else {
      return fail(
        "systemd does not run here",
        "Boot this system with systemd; without it a product can only be installed below --root, and 'slipway run' runs it."
      )
    }
    guard let version = facts.systemdVersion else { return pass("systemd, of a version that could not be told") }
    guard version >= minimum else {
      return fail(
        "systemd \(version), at least \(minimum) needed", "Use a release of the operating system that has it.")
    }
    return pass("systemd \(version)")
  }

  private static func list(_ systems: [PrerequisiteRules.OperatingSystem]) -> String {
    systems.map { $0.versions.isEmpty ? $0.id : "\($0.id) \($0.versions.joined(separator: "/"))" }
      .joined(separator: ", ")
  }
}
