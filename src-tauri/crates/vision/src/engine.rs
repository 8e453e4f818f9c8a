//! The inference engine, and the only file that names it.

use std::sync::Arc;

use rten::{NodeId, RunOptions, ThreadPool};
use rten_tensor::prelude::AsView;
use rten_tensor::{NdTensor, Tensor};

use crate::VisionError;
use crate::models::Model;

/// One thread for all models: figures do not depend on how work was divided, and the cores of the
/// camera and the window stay free.
pub(crate) fn single_thread() -> Arc<ThreadPool> {
    Arc::new(ThreadPool::with_num_threads(1))
}

/// A loaded model that takes one picture and gives tensors of numbers.
pub(crate) struct Network {
    name: &'static str,
    model: rten::Model,
    input: NodeId,
    outputs: Vec<NodeId>,
    pool: Arc<ThreadPool>,
}

impl Network {
    pub(crate) fn load(model: &Model, pool: &Arc<ThreadPool>) -> Result<Self, VisionError> {
        let name = model.file;
        let loaded =
            rten::Model::load_static_slice(model.bytes).map_err(|fault| VisionError::Model {
                model: name,
                source: Box::new(fault),
            })?;
        let input = *loaded
            .input_ids()
            .first()
            .ok_or(VisionError::Shape { model: name })?;
        let outputs = loaded.output_ids().to_vec();
        Ok(Self {
            name,
            model: loaded,
            input,
            outputs,
            pool: Arc::clone(pool),
        })
    }

    /// Runs on a square picture, channels first (3 x side x side), and gives each output flat.
    pub(crate) fn run(&self, side: usize, pixels: Vec<f32>) -> Result<Vec<Vec<f32>>, VisionError> {
        let input = NdTensor::from_data([1, 3, side, side], pixels);
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&self.pool)));
        let found = self
            .model
            .run(
                vec![(self.input, input.into())],
                &self.outputs,
                Some(options),
            )
            .map_err(|fault| VisionError::Inference {
                model: self.name,
                source: Box::new(fault),
            })?;
        found
            .into_iter()
            .map(|value| {
                let tensor: Result<Tensor<f32>, _> = value.try_into();
                tensor
                    .map(|tensor| tensor.to_vec())
                    .map_err(|_| self.misshapen())
            })
            .collect()
    }

    /// The error for output that is not what the code was written for.
    pub(crate) fn misshapen(&self) -> VisionError {
        VisionError::Shape { model: self.name }
    }
}
