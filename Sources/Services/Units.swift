import Product
import SystemPackage

/// Generates the unit files of one product: full instances, so that one product's commit cannot change another's.
public enum Units {
  /// Everything a device needs, the updater's units first.
  public static func all(_ product: ProductManifest, _ paths: UnitPaths) throws(ServicesError) -> [UnitFile] {
    try updater(product, paths) + agent(product, paths)
  }

  /// Units of fetch, apply, prove, recover, rescue, the evaluator of proxy scripts and the TPM's signer. They run from the proven tree, and
  /// change only after a commit.
  public static func updater(_ product: ProductManifest, _ paths: UnitPaths) throws(ServicesError) -> [UnitFile] {
    try [
      fetchTimer(product), requestPath(product, paths), fetch(product, paths),
      applyPath(product, paths), applyTimer(product, paths), apply(product, paths),
      proveTimer(product, paths), prove(product, paths),
      recover(product, paths), rescue(product, paths),
    ] + pac(product, paths) + signer(product, paths)
  }

  /// The timer of polls alone: what an admin's wishes about time change.
  public static func polls(_ product: ProductManifest) throws(ServicesError) -> UnitFile { try fetchTimer(product) }

  /// Units of the agent's services; rewritten at every switch, from the tree that is switched to.
  public static func agent(_ product: ProductManifest, _ paths: UnitPaths) throws(ServicesError) -> [UnitFile] {
    try product.services.map { (service) throws(ServicesError) in
      let plan = try ProcessPlan.agent(service, of: product, paths)
      var text = try UnitText(description: "\(product.name.text): \(service.name)")
      // Ordering only: Wants= or Requires= would run recover again at each restart.
      try text.add("After", "network.target \(ProcessPlan.Unit.recover(product.id))")
      try addLimits(plan, id: product.id, to: &text)
      text.section("Service")
      try text.add("Type", "exec")
      try addProcess(plan, to: &text)
      try text.add("Restart", "always")
      try text.add("RestartSec", "\(service.restart.delaySeconds)")
      try text.add("TimeoutStopSec", "\(service.restart.stopSeconds)")
      try text.add("SyslogIdentifier", "\(product.id)-\(service.name)")
      text.add(plan.sandbox.unitLines)
      return text.file(plan.unit, wantedBy: "multi-user.target")
    }
  }

  /// The product's users, in the format of sysusers.d(5): fetch's own and the agent's.
  public static func sysusers(_ product: ProductManifest) -> UnitFile {
    let agents = Set(product.services.map(\.user)).subtracting(["root"]).sorted()
    let lines = ([product.id.fetchUser] + agents).map { "u \($0) - \"\(product.id)\" /nonexistent /usr/sbin/nologin" }
    return UnitFile(
      name: "slipway-\(product.id).conf", text: lines.joined(separator: "\n") + "\n", wantedBy: nil)
  }

  /// Lines that every service shares: what is run, as whom, in which folders.
  static func addProcess(_ plan: ProcessPlan, to text: inout UnitText) throws(ServicesError) {
    try text.add("ExecStart", plan.command.map(UnitText.word).joined(separator: " "))
    if let user = plan.user { try text.add("User", UnitText.escapeSpecifiers(user)) }
    if let directory = plan.directory { try text.add("WorkingDirectory", directory.string) }
    if plan.countsBoots { try text.add("Environment", "\(ProcessPlan.bootIDVariable)=%b") }
    for (name, value) in plan.environment.sorted(by: { $0.key < $1.key }) {
      let quoted = "\(name)=\(value)".split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
        .split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\\\"")
      try text.add("Environment", "\"\(UnitText.escapeSpecifiers(quoted))\"")
    }
    for kind in ServiceFolder.Kind.allCases {
      let folders = plan.folders.filter { $0.kind == kind }
      guard let mode = folders.first?.mode else { continue }
      try text.add(kind.setting, folders.map(\.name).joined(separator: " "))
      try text.add("\(kind.setting)Mode", "0\(String(mode, radix: 8))")
    }
    if case .task(let limit, let expected) = plan.kind {
      try text.add("TimeoutStartSec", "\(limit)s")
      if !expected.isEmpty { try text.add("SuccessExitStatus", expected.map(String.init).joined(separator: " ")) }
      // The folder under /run holds the lock and the request flag, and belongs to several units.
      if plan.folders.contains(where: { $0.kind == .runtime }) { try text.add("RuntimeDirectoryPreserve", "yes") }
    }
  }

  static func addLimits(_ plan: ProcessPlan, id: ProductID, to text: inout UnitText) throws(ServicesError) {
    try text.add("StartLimitIntervalSec", "\(plan.startLimit?.interval ?? 0)")
    if let limit = plan.startLimit { try text.add("StartLimitBurst", "\(limit.burst)") }
    if plan.rescued { try text.add("OnFailure", ProcessPlan.Unit.rescue(id)) }
  }
}
