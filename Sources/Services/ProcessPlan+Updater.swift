import Product
import SystemPackage

extension ProcessPlan {
  /// Names of the updater's units.
  public enum Unit {
    public static func fetch(_ id: ProductID) -> String { "slipway-fetch@\(id).service" }
    public static func fetchTimer(_ id: ProductID) -> String { "slipway-fetch@\(id).timer" }
    public static func apply(_ id: ProductID) -> String { "slipway-apply@\(id).service" }
    public static func applyPath(_ id: ProductID) -> String { "slipway-apply@\(id).path" }
    public static func applyTimer(_ id: ProductID) -> String { "slipway-apply@\(id).timer" }
    public static func requestPath(_ id: ProductID) -> String { "slipway-fetch@\(id).path" }
    public static func prove(_ id: ProductID) -> String { "slipway-prove@\(id).service" }
    public static func proveTimer(_ id: ProductID) -> String { "slipway-prove@\(id).timer" }
    public static func recover(_ id: ProductID) -> String { "slipway-recover@\(id).service" }
    public static func pacSocket(_ id: ProductID) -> String { "slipway-pac-\(id).socket" }
    public static func pac(_ id: ProductID) -> String { "slipway-pac-\(id)@.service" }
    public static func signerSocket(_ id: ProductID) -> String { "slipway-signer-\(id).socket" }
    public static func signer(_ id: ProductID) -> String { "slipway-signer-\(id)@.service" }
    public static func rescue(_ id: ProductID) -> String { "slipway-rescue@\(id).service" }
  }

  public static func fetch(_ paths: UnitPaths) -> ProcessPlan {
    updater("fetch", paths, limit: 4 * 3600, user: paths.id.fetchUser, sandbox: .fetch(paths)) {
      $0.folders = [
        ServiceFolder(.state, "slipway/\(paths.id)/fetch", mode: 0o770),
        ServiceFolder(.logs, "slipway/\(paths.id)/fetch"),
      ]
    }
  }

  public static func apply(_ paths: UnitPaths) -> ProcessPlan {
    updater("apply", paths, limit: 2 * 3600, sandbox: .apply(paths)) {
      $0.folders = rootFolders(paths)
      $0.offline = true
      // An update takes two runs; a flag that nobody claims must not spin.
      $0.startLimit = StartLimit(interval: 600, burst: 5)
      $0.rescued = true
    }
  }

  public static func prove(_ paths: UnitPaths) -> ProcessPlan {
    updater("prove", paths, limit: 300, sandbox: .apply(paths)) {
      $0.folders = rootFolders(paths)
      $0.offline = true
    }
  }

  /// Eight seconds: a boot must not wait for it longer.
  public static func recover(_ paths: UnitPaths) -> ProcessPlan {
    updater("recover", paths, arguments: ["--boot"], limit: 8, sandbox: .recover(paths)) {
      $0.folders = rootFolders(paths)
      $0.offline = true
    }
  }

  /// Long enough for its longest backoff, ten minutes.
  public static func rescue(_ paths: UnitPaths) -> ProcessPlan {
    updater("recover", as: "rescue", paths, arguments: ["--rescue"], limit: 15 * 60, sandbox: .recover(paths)) {
      $0.folders = rootFolders(paths)
      $0.offline = true
    }
  }

  /// The folder of the lock and the request flag is shared by root's units; it outlives each of them.
  private static func rootFolders(_ paths: UnitPaths) -> [ServiceFolder] {
    [
      ServiceFolder(.runtime, "slipway/\(paths.id)"),
      ServiceFolder(.logs, "slipway/\(paths.id)/apply"),
    ]
  }

  private static func updater(
    _ verb: String, as name: String? = nil, _ paths: UnitPaths, arguments: [String] = [], limit: Int,
    user: String? = nil, sandbox: Sandbox, _ configure: (inout ProcessPlan) -> Void
  ) -> ProcessPlan {
    var plan = ProcessPlan(
      unit: "slipway-\(name ?? verb)@\(paths.id).service", kind: .task(limit: limit, expected: answers),
      command: [paths.updater.string, verb] + arguments + ["--product", paths.id.text],
      user: user, sandbox: sandbox)
    configure(&plan)
    return plan
  }
}
