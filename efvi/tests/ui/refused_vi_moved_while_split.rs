//! A virtual interface outlives its halves.

fn main() {}

fn close(mut vi: efvi::VirtualInterface) {
    let (tx, _rx) = vi.split();
    drop(vi);
    println!("{}", tx.space());
}
