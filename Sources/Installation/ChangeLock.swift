import Posix
import SystemPackage

/// The lock of everything that changes versions, trusted state or units of one product: root's, in its folder below /run.
public enum ChangeLock {
  /// Takes it, waiting up to `patience` seconds.
  ///
  /// - Throws: `locked` while somebody else has it.
  public static func take(_ layout: Layout, patience: Double = 0) throws(InstallationError) -> FileLock {
    let lock: FileLock?
    do {
      let run = try Directory.make(layout.run, below: layout.root)
      lock = try FileLock.take("lock", in: run, patience: patience)
    } catch { throw InstallationError(error) }
    guard let lock else {
      throw InstallationError(
        .locked, "another run of slipway is changing \(layout.product)",
        remedy: "wait for it to end (`slipway status` shows what it does), then try again")
    }
    return lock
  }
}
