//! The encoder of OpenH264, wrapped as thinly as its missing settings allow.
//!
//! The safe `openh264` crate cannot change the bit rate while running, nor set a maximum, so this file calls the C
//! interface. It is the only file of this crate with `unsafe`. An encoder belongs to whoever holds it: the library keeps
//! no state that is shared between encoders or bound to a thread.

#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};
use std::ptr::{NonNull, null_mut};

use openh264_sys2::source::APILoader;
use openh264_sys2::{
    CAMERA_VIDEO_REAL_TIME, CM_BT709, CONSTANT_ID, CP_BT709, ENCODER_OPTION, ENCODER_OPTION_BITRATE, ENCODER_OPTION_TRACE_LEVEL,
    ISVCEncoder, ISVCEncoderVtbl, LOW_COMPLEXITY, PRO_BASELINE, RC_BITRATE_MODE, SBitrateInfo, SCREEN_CONTENT_REAL_TIME, SEncParamExt,
    SFrameBSInfo, SM_SINGLE_SLICE, SPATIAL_LAYER_ALL, SSourcePicture, TRC_BT709, VF_COMPONENT, WELS_LOG_QUIET, videoFormatI420,
    videoFrameTypeIDR, videoFrameTypeInvalid, videoFrameTypeSkip,
};

use super::colour::I420;
use super::encode::Content;
use crate::error::EncodeError;
use crate::operations::VideoKind;

/// What the encoder is set up with; sizes are coded sizes (even, at least 16).
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) bitrate_bps: u32,
    pub(super) max_bitrate_bps: u32,
    pub(super) fps_max: u32,
    pub(super) content: Content,
}

/// One encoder of the library.
pub(super) struct Backend {
    // INVARIANT: made by `WelsCreateSVCEncoder`, initialised, and destroyed once, in `drop`.
    encoder: NonNull<ISVCEncoder>,
    info: Box<SFrameBSInfo>,
}

// SAFETY: the encoder has no thread of its own (`iMultipleThreadIdc` is 1), no thread-local state, and is reached
// through `&mut self` alone.
unsafe impl Send for Backend {}

impl Backend {
    pub(super) fn new(settings: Settings) -> Result<Self, EncodeError> {
        let mut encoder: *mut ISVCEncoder = null_mut();
        // SAFETY: the function writes one pointer through the valid pointer it is given.
        let code = unsafe { APILoader::WelsCreateSVCEncoder(&raw mut encoder) };
        let encoder = NonNull::new(encoder).ok_or(EncodeError::Library { step: "create", code })?;
        let mut backend = Self {
            encoder,
            info: Box::default(),
        };
        checked("create", code)?;
        let mut quiet: c_int = WELS_LOG_QUIET as c_int;
        backend.set_option("silence", ENCODER_OPTION_TRACE_LEVEL, &mut quiet)?;
        backend.initialise(settings)?;
        Ok(backend)
    }

    fn initialise(&mut self, settings: Settings) -> Result<(), EncodeError> {
        let mut parameters = SEncParamExt::default();
        let defaults = self.vtable().GetDefaultParams.ok_or(MISSING)?;
        // SAFETY: `encoder` is live and the function fills the structure it is given.
        checked("read defaults", unsafe { defaults(self.encoder.as_ptr(), &raw mut parameters) })?;
        fill(&mut parameters, settings);
        let initialise = self.vtable().InitializeExt.ok_or(MISSING)?;
        // SAFETY: `encoder` is live and the function copies from the structure, keeping no pointer to it.
        checked("initialise", unsafe { initialise(self.encoder.as_ptr(), &raw const parameters) })
    }

    /// The bit rate from the next picture on. Must not exceed the maximum given at the start.
    pub(super) fn set_bitrate_bps(&mut self, bitrate_bps: u32) -> Result<(), EncodeError> {
        let mut info = SBitrateInfo {
            iLayer: SPATIAL_LAYER_ALL,
            iBitrate: bits(bitrate_bps),
        };
        self.set_option("set bit rate", ENCODER_OPTION_BITRATE, &mut info)
    }

    /// Makes the next picture a key.
    pub(super) fn force_key(&mut self) -> Result<(), EncodeError> {
        let force = self.vtable().ForceIntraFrame.ok_or(MISSING)?;
        // SAFETY: `encoder` is live and initialised.
        checked("force key", unsafe { force(self.encoder.as_ptr(), true) })
    }

    /// Encodes one picture and appends its bytes. `None`: the library chose to skip it.
    pub(super) fn encode(&mut self, planes: &I420, timestamp_millis: u64, out: &mut Vec<u8>) -> Result<Option<VideoKind>, EncodeError> {
        let [y, u, v] = planes.planes();
        let (luma_stride, chroma_stride) = (planes.width() as c_int, planes.width() as c_int / 2);
        let source = SSourcePicture {
            iColorFormat: videoFormatI420,
            iStride: [luma_stride, chroma_stride, chroma_stride, 0],
            pData: [y.as_ptr().cast_mut(), u.as_ptr().cast_mut(), v.as_ptr().cast_mut(), null_mut()],
            iPicWidth: planes.width() as c_int,
            iPicHeight: planes.height() as c_int,
            uiTimeStamp: timestamp_millis as i64,
            bPsnrY: false,
            bPsnrU: false,
            bPsnrV: false,
        };
        let encode = self.vtable().EncodeFrame.ok_or(MISSING)?;
        // SAFETY: `encoder` is live and initialised for pictures of this size (checked by `VideoEncoder`); the planes
        // outlive the call and hold `stride * height` bytes each; the library only reads them.
        let code = unsafe { encode(self.encoder.as_ptr(), &raw const source, &raw mut *self.info) };
        checked("encode", code)?;
        let kind = match self.info.eFrameType {
            kind if kind == videoFrameTypeIDR => VideoKind::Key,
            kind if kind == videoFrameTypeSkip || kind == videoFrameTypeInvalid => return Ok(None),
            _ => VideoKind::Delta,
        };
        self.append_bytes(out);
        Ok(Some(kind))
    }

    fn append_bytes(&self, out: &mut Vec<u8>) {
        let layers = usize::try_from(self.info.iLayerNum).unwrap_or(0).min(self.info.sLayerInfo.len());
        for layer in &self.info.sLayerInfo[..layers] {
            let units = usize::try_from(layer.iNalCount).unwrap_or(0);
            if units == 0 || layer.pNalLengthInByte.is_null() || layer.pBsBuf.is_null() {
                continue;
            }
            // SAFETY: the library states that `pNalLengthInByte` holds `iNalCount` lengths until the next call.
            let lengths = unsafe { std::slice::from_raw_parts(layer.pNalLengthInByte, units) };
            let length = lengths.iter().map(|length| usize::try_from(*length).unwrap_or(0)).sum();
            // SAFETY: the library states that the units lie one after the other in `pBsBuf` until the next call.
            out.extend_from_slice(unsafe { std::slice::from_raw_parts(layer.pBsBuf, length) });
        }
    }

    fn set_option<T>(&mut self, step: &'static str, option: ENCODER_OPTION, value: &mut T) -> Result<(), EncodeError> {
        let set = self.vtable().SetOption.ok_or(MISSING)?;
        // SAFETY: `encoder` is live, and `value` has the type which this option reads (callers are in this file).
        checked(step, unsafe {
            set(self.encoder.as_ptr(), option, std::ptr::from_mut(value).cast::<c_void>())
        })
    }

    fn vtable(&self) -> &ISVCEncoderVtbl {
        // SAFETY: a live encoder begins with a pointer to its table of functions, which is static.
        unsafe { &**self.encoder.as_ptr() }
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        if let Some(uninitialise) = self.vtable().Uninitialize {
            // SAFETY: `encoder` is live; uninitialising one that never was initialised is allowed.
            unsafe { uninitialise(self.encoder.as_ptr()) };
        }
        // SAFETY: the pointer came from `WelsCreateSVCEncoder` and is not used again.
        unsafe { APILoader::WelsDestroySVCEncoder(self.encoder.as_ptr()) };
    }
}

const MISSING: EncodeError = EncodeError::Library {
    step: "find a function of",
    code: 0,
};

fn checked(step: &'static str, code: c_int) -> Result<(), EncodeError> {
    if code == 0 {
        Ok(())
    } else {
        Err(EncodeError::Library { step, code })
    }
}

fn bits(bps: u32) -> c_int {
    c_int::try_from(bps).unwrap_or(c_int::MAX)
}

fn fill(parameters: &mut SEncParamExt, settings: Settings) {
    let (width, height) = (settings.width as c_int, settings.height as c_int);
    let screen = settings.content == Content::Screen;
    parameters.iUsageType = if screen { SCREEN_CONTENT_REAL_TIME } else { CAMERA_VIDEO_REAL_TIME };
    parameters.iPicWidth = width;
    parameters.iPicHeight = height;
    parameters.iTargetBitrate = bits(settings.bitrate_bps);
    parameters.iMaxBitrate = bits(settings.max_bitrate_bps);
    parameters.iRCMode = RC_BITRATE_MODE;
    // Whoever sends decides which frames to leave out; a frame given here is wanted.
    parameters.bEnableFrameSkip = false;
    // The library's own range for screens, 26 to 35, does not obey a slow link. Finer than 22 only makes keys of half a
    // megabyte: what stands still is refined exactly anyway.
    parameters.iMinQp = 22;
    parameters.iMaxQp = 46;
    parameters.fMaxFrameRate = settings.fps_max as f32;
    parameters.iTemporalLayerNum = 1;
    parameters.iSpatialLayerNum = 1;
    parameters.iComplexityMode = LOW_COMPLEXITY;
    parameters.uiIntraPeriod = 0;
    parameters.iNumRefFrame = 1;
    parameters.eSpsPpsIdStrategy = CONSTANT_ID;
    parameters.iMultipleThreadIdc = 1;
    parameters.bEnableDenoise = false;
    parameters.bEnableBackgroundDetection = !screen;
    parameters.bEnableAdaptiveQuant = false;
    // Needed by screen mode to find scrolling. It makes no keys of itself in camera mode, where it is off.
    parameters.bEnableSceneChangeDetect = screen;
    parameters.bEnableLongTermReference = false;
    parameters.bEnableFrameCroppingFlag = true;
    let layer = &mut parameters.sSpatialLayers[0];
    layer.iVideoWidth = width;
    layer.iVideoHeight = height;
    layer.fFrameRate = settings.fps_max as f32;
    layer.iSpatialBitrate = bits(settings.bitrate_bps);
    layer.iMaxSpatialBitrate = bits(settings.max_bitrate_bps);
    layer.uiProfileIdc = PRO_BASELINE;
    layer.sSliceArgument.uiSliceMode = SM_SINGLE_SLICE;
    layer.sSliceArgument.uiSliceNum = 1;
    layer.bVideoSignalTypePresent = true;
    layer.uiVideoFormat = VF_COMPONENT as u8;
    layer.bFullRange = true;
    layer.bColorDescriptionPresent = true;
    layer.uiColorPrimaries = CP_BT709 as u8;
    layer.uiTransferCharacteristics = TRC_BT709 as u8;
    layer.uiColorMatrix = CM_BT709 as u8;
}
