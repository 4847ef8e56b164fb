import Synchronization

/// Trusted metadata kept in memory, for checking a repository or a bundle without leaving a trace. For one client at a
/// time.
public final class MemoryStore: MetadataStore {
  private let files: Mutex<[String: [UInt8]]>

  public init(_ files: [String: [UInt8]] = [:]) { self.files = Mutex(files) }

  public func lock() -> StoreLock? { StoreLock() }
  public func load(_ role: String) -> [UInt8]? { files.withLock { $0[role] } }
  public func store(_ role: String, _ bytes: [UInt8]) { files.withLock { $0[role] = bytes } }
  public func remove(_ role: String) { files.withLock { $0[role] = nil } }

  /// All files by role, for example to persist them once the whole update has succeeded.
  public var contents: [String: [UInt8]] { files.withLock { $0 } }
}
