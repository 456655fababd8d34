//! What a link that stands in front of another leaves to that.

/// The methods of [`Link`](crate::wire::Link) with these names, each of which calls the same one of `self.inner`.
macro_rules! pass {
    ($($method:ident)*) => {
        $($crate::wire::pass::pass!(@$method);)*
    };
    (@take) => {
        fn take(&mut self) {
            self.inner.take();
        }
    };
    (@interrupt) => {
        fn interrupt(&mut self) -> $crate::errno::Result<std::sync::Arc<$crate::interrupt::Interrupt>> {
            self.inner.interrupt()
        }
    };
    (@prime) => {
        fn prime(&mut self) {
            self.inner.prime();
        }
    };
    (@filter_add) => {
        fn filter_add(&mut self, filter: $crate::filter::Filter, looped: bool) -> $crate::errno::Result<u32> {
            self.inner.filter_add(filter, looped)
        }
    };
    (@filter_remove) => {
        fn filter_remove(&mut self, id: u32) -> $crate::errno::Result<()> {
            self.inner.filter_remove(id)
        }
    };
    (@has_filter) => {
        fn has_filter(&self, id: u32) -> bool {
            self.inner.has_filter(id)
        }
    };
    (@filter_of) => {
        fn filter_of(&mut self, frame: &[u8]) -> Option<u16> {
            self.inner.filter_of(frame)
        }
    };
    (@member) => {
        fn member(&self) -> u64 {
            self.inner.member()
        }
    };
    (@outside) => {
        fn outside(&mut self) -> Option<&mut dyn $crate::wire::outside::Outside> {
            self.inner.outside()
        }
    };
    (@queue_for) => {
        fn queue_for(
            &self,
            filter: $crate::filter::Filter,
            wanted: &$crate::wire::queues::Wanted,
        ) -> $crate::errno::Result<u8> {
            self.inner.queue_for(filter, wanted)
        }
    };
    (@queue_filter_add) => {
        fn queue_filter_add(
            &mut self,
            filter: $crate::filter::Filter,
            queue: u8,
            wanted: &$crate::wire::queues::Wanted,
        ) -> $crate::errno::Result<u32> {
            self.inner.queue_filter_add(filter, queue, wanted)
        }
    };
    (@overruns) => {
        fn overruns(&self) -> std::sync::Arc<dyn $crate::wire::Overruns> {
            self.inner.overruns()
        }
    };
}

pub(crate) use pass;
