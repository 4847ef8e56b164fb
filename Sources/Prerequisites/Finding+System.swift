import Product

extension Finding {
  static func disk(_ needs: PrerequisiteNeeds, _ facts: HostFacts) -> Finding {
    guard let free = facts.freeBytes else {
      return fail(
        "the free space at \(facts.diskPath) cannot be measured", "Check that the file system there is mounted.")
    }
    let (sum, overflow) = needs.installationBytes.addingReportingOverflow(needs.rules.diskMinimumBytes)
    let needed = overflow ? .max : sum
    guard free >= needed else {
      return fail(
        "\(megabytes(free)) free at \(facts.diskPath), \(megabytes(needed, roundUp: true)) needed",
        "Free \(megabytes(needed - free, roundUp: true)) on the file system of \(facts.diskPath).")
    }
    guard facts.freeInodes >= needs.installationInodes else {
      return fail(
        "\(facts.freeInodes) inodes free at \(facts.diskPath), \(needs.installationInodes) needed",
        "Remove files that are not needed from the file system of \(facts.diskPath).")
    }
    return pass("\(megabytes(free)) free at \(facts.diskPath), \(megabytes(needed, roundUp: true)) needed")
  }

  static func system(_ needs: PrerequisiteNeeds, _ facts: HostFacts) -> Finding {
    if let kernel = facts.kernel, kernel < needs.kernel {
      return fail("Linux \(kernel), at least \(needs.kernel) needed", "Update the device's kernel or operating system.")
    }
    let accepted = needs.rules.os
    guard let system = facts.system else {
      guard !accepted.isEmpty else { return pass("any system is accepted") }
      return fail("os-release cannot be read", "Use one of: \(list(accepted)).")
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
        "cannot be loaded: \(absent.joined(separator: ", "))", "Install the operating system's package that has it.")
    }
    let wanted = facts.system.map { needs.packages(for: $0) } ?? []
    guard !wanted.isEmpty else { return pass("glibc \(glibc)") }
    guard let installed = facts.packages else {
      return notChecked("no package database that can be read; needed: \(wanted.joined(separator: ", "))")
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
      return fail("systemd does not run here", "Boot with systemd, or run the product by 'slipway run' below --root.")
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

  private static func megabytes(_ bytes: Int64, roundUp: Bool = false) -> String {
    let whole = bytes / 1_000_000
    return "\(roundUp && bytes % 1_000_000 > 0 ? whole + 1 : whole) MB"
  }
}
